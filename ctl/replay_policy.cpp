#include "ctl/replay_policy.hpp"

#include "coordinator/core/json_lookup.hpp"

namespace charon::ctl {

Result<coordinator::RollbackPolicy> read_policy_file(std::string_view text, const std::string& file) {
  const auto refused = [&](const std::string& what) { return fail(Errc::invalid_input, file + ": " + what); };
  const auto json = parse_json(text, max_policy_bytes);
  if (!json) return json.error().is(Errc::too_large) ? fail(Errc::too_large, file + ": " + json.error().context) : refused(json.error().context + "; expected what kubectl get rollbackpolicy NAME -o json prints");
  const auto* object = json->if_object();
  const std::string kind = object ? coordinator::text_at(*object, {"kind"}) : std::string();
  if (kind != "RollbackPolicy") return refused("expected one object of kind RollbackPolicy" + (kind.empty() ? "" : ", not " + kind));
  const auto* spec = coordinator::find(*object, {"spec"});
  if (!spec || !spec->is_object()) return refused("expected a spec");
  auto read = coordinator::read_policy(*object, {});
  if (!read.problem.empty()) return refused("spec." + read.problem);
  return std::move(read.policy);
}

}  // namespace charon::ctl
