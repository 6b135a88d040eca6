/// Events tell what controllers, webhooks and quotas wrote: whatever it is, what is read is bounded, and holds the workload
/// that was injected just before and no other.
#include "injector/core/creation_refusals.hpp"

#include "lib/base/json_fields.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon;
  using namespace charon::injector;
  const auto must = [](bool holds) {
    if (!holds) std::abort();
  };
  const auto event = parse_json({reinterpret_cast<const char*>(data), size}, 1 << 20);
  if (!event || !event->is_object()) return 0;
  const auto failure = failed_creation(event->get_object());
  if (!failure) return 0;
  must(failure->message.size() <= 1024);
  const Time now = std::max(failure->when, Time{});  // Events of before 1970 are read too
  CreationRefusals refusals({});
  must(!refusals.refused(*failure, now));
  refusals.injected(failure->workload, failure->when);
  must(refusals.refused(*failure, now));
  must(refusals.held(failure->workload, now) == failure->message && refusals.holds(now) == 1);
  must(!refusals.held({failure->workload.ns, failure->workload.kind, failure->workload.name + "x"}, now).has_value());
  return 0;
}
