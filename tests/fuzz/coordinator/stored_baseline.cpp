/// Whatever stands in a ReleaseBaseline is refused, or is within its bounds when it is written again.
#include "coordinator/core/baseline_store.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon;
  using namespace charon::coordinator;
  const auto spec = parse_json({reinterpret_cast<const char*>(data), size}, 512 * 1024);
  if (!spec) return 0;
  const WorkloadKey key{"shop", "Deployment", "app"};
  const Time now = *parse_time("2026-11-23T12:00:00Z");
  BaselineStore store;
  if (!store.restore({{"spec", *spec}})) return 0;
  (void)store.baseline("node-1");
  (void)store.load_unusual();
  const auto written = store.object(key, "5", now);
  if (boost::json::serialize(written).size() > BaselineStore::max_bytes) std::abort();
  BaselineStore again;
  if (!again.restore(written)) std::abort();
  again.candidate_appeared(now);
  again.candidate_promoted("release", now);
  return 0;
}
