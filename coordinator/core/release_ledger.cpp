#include "coordinator/core/release_ledger.hpp"

#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/json_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace charon::coordinator {
namespace {

std::string name_for_people(const boost::json::object& pod_template, const TemplateHash& hash) {
  const auto images = images_of(pod_template);
  for (const std::string& container : containers_of(pod_template)) {
    const ImageReference image = parse_image(images.at(container));
    if (!image.tag.empty()) return image.tag;
    if (!image.digest.empty()) return image.digest.value.substr(0, 19);
    return "latest";
  }
  return hash.value.substr(0, 8);
}

}  // namespace

bool ReleaseRecord::has_template(const TemplateHash& hash) const {
  return template_hash == hash || std::find(aliases.begin(), aliases.end(), hash) != aliases.end();
}

ReleaseRecord* ReleaseLedger::release(std::string_view id) {
  for (auto& r : releases)
    if (r.id == id) return &r;
  return nullptr;
}
const ReleaseRecord* ReleaseLedger::release(std::string_view id) const { return const_cast<ReleaseLedger*>(this)->release(id); }

const ReleaseRecord* ReleaseLedger::by_template(const TemplateHash& hash) const {
  for (auto r = releases.rbegin(); r != releases.rend(); ++r)
    if (r->has_template(hash)) return &*r;
  return nullptr;
}

bool ReleaseLedger::is_quarantined(const Digest& digest) const {
  return !digest.empty() && std::find(quarantined.begin(), quarantined.end(), digest) != quarantined.end();
}

ReleaseRecord& ReleaseLedger::appeared(const boost::json::object& pod_template, std::string id, std::uint32_t replicas, double alpha, Time now) {
  ReleaseRecord r;
  r.template_hash = template_hash(pod_template);
  r.id = std::move(id);
  r.name = name_for_people(pod_template, r.template_hash);
  // Two releases of one tag must not read as one.
  if (std::any_of(releases.begin(), releases.end(), [&](const ReleaseRecord& other) { return other.name == r.name; }))
    r.name += fmt::format(" ({})", r.id.substr(r.id.size() > 16 ? 17 : 0, 6));
  r.images = images_of(pod_template);
  r.pod_template = pod_template;
  r.first_seen = r.since = now;
  r.first = releases.empty();
  r.budget.alpha = alpha;
  r.budget.expected = std::max<std::uint32_t>(1, replicas);
  r.budget.reserve();
  current_id = r.id;
  releases.push_back(std::move(r));
  evict();
  return releases.back();
}

void ReleaseLedger::promoted(std::string_view id, ReleaseState state, std::string evidence, Time now) {
  ReleaseRecord* r = release(id);
  if (!r) return;
  r->state = state;
  r->since = now;
  r->evidence = std::move(evidence);
  stable_id = r->id;
  release_digests(*r);
}

void ReleaseLedger::release_digests(const ReleaseRecord& r) {
  for (const auto& [container, digest] : r.digests) std::erase(quarantined, digest);
  std::erase(quarantined, r.pushed);
}

void ReleaseLedger::reopened(std::string_view id, ReleaseState former, Time since) {
  ReleaseRecord* r = release(id);
  if (!r || former == ReleaseState::bad) return;
  r->state = former;
  r->since = since;
  r->evidence.clear();
  if (r->target()) return release_digests(*r);
  const auto held = [&](const Digest& digest) {
    return std::any_of(releases.begin(), releases.end(), [&](const ReleaseRecord& other) {
      return other.state == ReleaseState::bad && (other.pushed == digest || std::any_of(other.digests.begin(), other.digests.end(), [&](const auto& d) { return d.second == digest; }));
    });
  };
  for (const auto& [container, digest] : r->digests)
    if (!held(digest)) std::erase(quarantined, digest);
  if (!held(r->pushed)) std::erase(quarantined, r->pushed);
}

void ReleaseLedger::condemned(std::string_view id, std::string evidence, Time now) {
  ReleaseRecord* r = release(id);
  if (!r) return;
  r->state = ReleaseState::bad;
  r->since = now;
  r->evidence = std::move(evidence);
  const ReleaseRecord* good = last_stable();
  for (const auto& [container, digest] : r->digests) {
    if (good && good != r) {
      const auto same = good->digests.find(container);
      if (same != good->digests.end() && same->second == digest) continue;
      // A container that the release did not change is not what was bad about it.
      const auto before = good->images.find(container);
      const auto after = std::as_const(*r).images.find(container);
      if (before != good->images.end() && after != r->images.end() && before->second == after->second && same == good->digests.end()) continue;
    }
    if (!is_quarantined(digest)) quarantined.push_back(digest);
  }
  const bool proven = good && good != r && (good->pushed == r->pushed || std::any_of(good->digests.begin(), good->digests.end(), [&](const auto& d) { return d.second == r->pushed; }));
  if (!r->pushed.empty() && !proven && !is_quarantined(r->pushed)) quarantined.push_back(r->pushed);
  if (quarantined.size() > max_quarantined) quarantined.erase(quarantined.begin(), quarantined.end() - max_quarantined);
}

std::size_t ReleaseLedger::rollbacks_within(Duration window, Time now) const {
  return static_cast<std::size_t>(std::count_if(rollbacks.begin(), rollbacks.end(), [&](Time t) { return now - t < window; }));
}

void ReleaseLedger::evict() {
  while (releases.size() > max_releases) {
    const auto victim = std::find_if(releases.begin(), releases.end(), [&](const ReleaseRecord& r) {
      return r.id != current_id && r.id != stable_id && !(intent && intent->open() && (r.id == intent->from || r.id == intent->to));
    });
    if (victim == releases.end()) return;
    releases.erase(victim);
  }
}

boost::json::object ledger_object(const WorkloadKey& key, const ReleaseLedger& ledger, std::string_view resource_version) {
  ReleaseLedger bounded = ledger;
  boost::json::object status = to_json(bounded);
  const auto too_large = [&] { return boost::json::serialize(status).size() > ReleaseLedger::max_bytes - 1024; };
  const auto without = [&](auto&& drop) {
    for (ReleaseRecord& r : bounded.releases) {
      if (!too_large()) return;
      if (r.id == bounded.stable_id) continue;
      drop(r);
      status = to_json(bounded);
    }
  };
  without([&](ReleaseRecord& r) { if (r.id != bounded.current_id) r.budget.shares.clear(); });
  without([&](ReleaseRecord& r) { if (r.id != bounded.current_id) r.pod_template.reset(); });
  without([](ReleaseRecord& r) { r.pod_template.reset(); });
  boost::json::object metadata{{"name", key.ledger_name()}, {"namespace", key.ns},
                               {"labels", boost::json::object{{"app.kubernetes.io/managed-by", "charon"}}}};
  if (!resource_version.empty()) metadata["resourceVersion"] = resource_version;
  boost::json::object workload{{"apiVersion", "apps/v1"}, {"kind", key.kind}, {"name", key.name}};
  return {{"apiVersion", "charon.dev/v1alpha1"}, {"kind", "ReleaseLedger"}, {"metadata", std::move(metadata)},
          {"spec", boost::json::object{{"workload", std::move(workload)}}}, {"status", std::move(status)}};
}

std::optional<WorkloadKey> owner_of(const boost::json::object& stored) {
  const std::string name = text_at(stored, {"metadata", "name"});
  constexpr std::string_view prefix = "deployment.";
  WorkloadKey key{text_at(stored, {"metadata", "namespace"}), "Deployment", text_at(stored, {"spec", "workload", "name"})};
  if (key.ledger_name() != name && name.starts_with(prefix)) key.name = name.substr(prefix.size());  // a long name ends in a hash
  if (key.ns.empty() || key.name.empty() || key.ledger_name() != name) return std::nullopt;
  return key;
}

Result<std::pair<WorkloadKey, ReleaseLedger>> read_ledger(const boost::json::object& object) {
  WorkloadKey key{text_at(object, {"metadata", "namespace"}), text_at(object, {"spec", "workload", "kind"}), text_at(object, {"spec", "workload", "name"})};
  if (key.ns.empty() || key.name.empty() || key.kind != "Deployment") return fail(Errc::invalid_input, "ReleaseLedger: spec.workload names no Deployment");
  const auto* status = find(object, {"status"});
  auto ledger = from_json<ReleaseLedger>(status && !status->is_null() ? *status : boost::json::value(boost::json::object{}));
  if (!ledger) return ledger.error();
  if (ledger->schema > ReleaseLedger::known_schema) return fail(Errc::invalid_input, fmt::format("schema {} is a newer Charon's, {} is known", ledger->schema, ReleaseLedger::known_schema));
  for (const ReleaseRecord& r : ledger->releases)
    if (!(r.budget.alpha > 0 && r.budget.alpha <= 0.1) || r.budget.expected < 1) return fail(Errc::invalid_input, fmt::format("budget of release {}: alpha of more than 0 to 0.1 and at least one replica are needed", r.id.substr(0, 64)));
  return std::pair{std::move(key), *std::move(ledger)};
}

}  // namespace charon::coordinator
