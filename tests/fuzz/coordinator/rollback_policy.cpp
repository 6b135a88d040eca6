/// A RollbackPolicy is used within its bounds, or refused as a whole; a refused one only notifies.
#include "coordinator/core/rollback_policy.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon;
  using namespace charon::coordinator;
  const auto spec = parse_json({reinterpret_cast<const char*>(data), size}, 64 * 1024);
  if (!spec) return 0;
  const PolicyObject read = read_policy({{"metadata", boost::json::object{{"namespace", "shop"}, {"name", "p"}, {"uid", "p"}}}, {"spec", *spec}}, {});
  const RollbackPolicy& p = read.policy;
  if (!read.problem.empty() && (p.action != PolicyAction::notify || p.ambiguous != PolicyAction::notify)) std::abort();
  if (!(p.alpha > 0 && p.alpha <= 0.1) || p.settle_time <= Duration{0} || p.confirmation > std::chrono::minutes{10} || p.max_rollbacks_per_hour > 60) std::abort();
  if (!(p.minimum_coverage >= 0 && p.minimum_coverage <= 1) || p.agent.scrape_interval < Duration{500} || p.agent.report_interval < Duration{500}) std::abort();
  if (p.agent_policy().version == 0 || p.agent_policy().version >= 1ULL << 53) std::abort();
  if (choose_policy({{"p", read}}, "elsewhere", {})) std::abort();
  (void)choose_policy({{"p", read}}, "shop", {{"app", "a"}});
  return 0;
}
