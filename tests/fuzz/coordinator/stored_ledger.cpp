/// Whatever stands in a ReleaseLedger: what is read is written and read again as the same, what cannot be read is never
/// written, and a coordinator that finds it goes on.
#include "coordinator/core/coordinator.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/release_ledger.hpp"

#include <cstdlib>

namespace {

using namespace charon;
using namespace charon::coordinator;

boost::json::object json(std::string_view text) { return boost::json::parse(text).as_object(); }

const boost::json::object& deployment() {
  static const boost::json::object out = json(R"({"metadata":{"namespace":"shop","name":"app","uid":"u","resourceVersion":"7","generation":1},
      "spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"app","image":"r/app:v2"}]}}},
      "status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"readyReplicas":1}})");
  return out;
}

void live_with(const boost::json::object& stored, bool readable) {
  Coordinator coordinator({}, Log([](std::string_view) {}, [] { return Time{}; }));
  Time now = *parse_time("2026-11-23T12:00:00Z");
  coordinator.on_namespace(json(R"({"metadata":{"name":"shop","labels":{"charon.dev/injection":"enabled"}}})"), now);
  coordinator.on_ledger(stored, now);
  coordinator.on_deployment(deployment(), now);
  coordinator.synced(now);
  for (const Duration step : {Duration{1'000}, Duration{20'000}, Duration{1'000}, Duration{4'000'000}}) {
    now += step;
    for (const Action& action : coordinator.tick(now)) {
      const auto* write = std::get_if<WriteLedger>(&action);
      if (write && !readable) std::abort();
      if (write) coordinator.outcome(action, write->object, now);
      if (std::holds_alternative<PatchWorkload>(action)) coordinator.outcome(action, deployment(), now);
    }
    (void)coordinator.workload({"shop", "Deployment", "app"}, now);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto status = parse_json({reinterpret_cast<const char*>(data), size}, 256 * 1024);
  if (!status) return 0;
  const WorkloadKey key{"shop", "Deployment", "app"};
  boost::json::object stored = ledger_object(key, {}, "5");
  stored["status"] = *status;
  const auto ledger = read_ledger(stored);
  if (ledger) {
    const auto written = to_json(ledger->second);
    stored["status"] = written;
    const auto again = read_ledger(stored);
    if (!again || to_json(again->second) != written) std::abort();
    (void)ledger_object(key, ledger->second, "5");
  }
  stored["status"] = *status;
  live_with(stored, ledger.has_value());
  return 0;
}
