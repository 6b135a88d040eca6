#include "coordinator/core/events.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/workload.hpp"

#include <cstdlib>

namespace charon::coordinator {
namespace {

constexpr Duration outcome_deadline = std::chrono::minutes{3};  // of a write, with the API client's own deadline

std::string version_of(const boost::json::object& object) { return text_at(object, {"metadata", "resourceVersion"}); }

/// Versions of one object ascend (KEP-5504).
bool newer(const std::string& a, const std::string& b) { return std::strtoull(a.c_str(), nullptr, 10) > std::strtoull(b.c_str(), nullptr, 10); }

TemplateHash status_hash(const boost::json::object& ledger) { return template_hash(object_at(ledger, {"status"})); }

}  // namespace

void Workload::restore(const boost::json::object& ledger) {
  auto read = read_ledger(ledger);
  if (!read) return lock(ledger, read.error().context);
  if (!unreadable_.empty()) events::readable(log_, key_);
  unreadable_.clear();
  seen_.reset();
  const std::string judged = ledger_.current_id;
  ledger_ = std::move(read->second);
  acknowledged_.clear();
  for (ReleaseRecord& r : ledger_.releases) {
    acknowledged_[r.id] = r.budget.reserved;
    r.budget.recovered();
  }
  // A share that this ledger does not know may have been handed out twice: its agent has to say hello again.
  for (auto& [uid, a] : agents_) {
    const ReleaseRecord* r = ledger_.release(a.release);
    a.share = r ? r->budget.known(uid, a.boot) : 0;
  }
  ledger_version_ = version_of(ledger);
  written_status_ = status_hash(ledger);
  finding_ = {};
  failing_since_.reset();
  if (ledger_.current_id != judged) pooled_.restart();
  held_ = dirty_ = false;
  note_ = ledger_.reason;
  intent_revision_ = 0;  // it was read from the ledger, so it is written
  if (ledger_.intent && ledger_.intent->open()) events::resumed(log_, key_, ledger_.intent->id);
}

void Workload::lock(const boost::json::object& ledger, const std::string& why) {
  const bool news = unreadable_ != why;
  deployment_ = cluster_.deployment(key_);
  seen_ = ledger;
  unreadable_ = why;
  ledger_ = {};
  ledger_.state = "Unreadable";
  ledger_.reason = fmt::format("the ReleaseLedger cannot be read ({}); it is left as it is and nothing is decided until it can be, or is deleted", why);
  agents_.clear();
  finding_ = {};
  if (!news) return;
  events::unreadable(log_, "ReleaseLedger of " + key_.text(), why);
  events_.push_back({"apps/v1", key_.kind, key_.ns, key_.name, deployment_ ? deployment_->uid : "", "Warning", "LedgerUnreadable", ledger_.reason.substr(0, 1000)});
}

void Workload::ledger_seen(const boost::json::object& ledger) {
  if (!unreadable_.empty()) return restore(ledger);
  if (newer(version_of(ledger), ledger_version_)) seen_ = ledger;
}

void Workload::ledger_gone() {
  if (!unreadable_.empty()) {
    events::readable(log_, key_);
    unreadable_.clear();
    ledger_ = {};
  }
  seen_.reset();
  ledger_version_.clear();  // the next write creates it, and no share is handed out before
  acknowledged_.clear();
  in_flight_.clear();
  touch();
}

void Workload::adopt_seen(Time now) {
  if (!seen_) return;  // the watch will bring it; until then every write is refused
  const boost::json::object theirs = *std::move(seen_);
  seen_.reset();
  const TemplateHash status = status_hash(theirs);
  if (status == written_status_ || status == sent_status_) {  // a label, or a write of ours whose answer was lost
    ledger_version_ = version_of(theirs);
    return;
  }
  restore(theirs);
  if (unreadable_.empty()) tell("ledger " + ledger_version_, "Warning", "LedgerConflict", "somebody else wrote the ReleaseLedger: it is read again, and what was not written yet is decided anew", now);
}

void Workload::restore_baseline(const boost::json::object& object) {
  if (auto ok = baseline_.restore(object); !ok) events::unreadable(log_, "ReleaseBaseline of " + key_.text(), ok.error().message());
  baseline_version_ = baseline_seen_ = text_at(object, {"metadata", "resourceVersion"});
}

void Workload::baseline_seen(std::string resource_version) {
  if (resource_version.empty()) {  // deleted: the next write creates it
    baseline_version_.clear();
    baseline_.write_again();
  }
  baseline_seen_ = std::move(resource_version);
}

void Workload::write(std::vector<Action>& out, Time now) {
  ReleaseRecord* current = ledger_.release(ledger_.current_id);
  if (current && current->budget.wants_reservation()) touch();
  if (writing_ledger_ && now - write_begun_ > outcome_deadline) {
    writing_ledger_ = false;
    touch();
  }
  if (dirty_ && !writing_ledger_ && now >= write_after_) {
    for (ReleaseRecord& r : ledger_.releases)
      if (r.id == ledger_.current_id || r.id == ledger_.stable_id) r.budget.reserve();
    in_flight_.clear();
    for (const ReleaseRecord& r : ledger_.releases) in_flight_[r.id] = r.budget.reserved;
    dirty_ = false;
    writing_ledger_ = true;
    write_begun_ = now;
    boost::json::object object = ledger_object(key_, ledger_, ledger_version_);
    sent_status_ = status_hash(object);
    out.push_back(WriteLedger{key_, std::move(object), ++revision_});
  }
  if (!writing_baseline_ && now >= baseline_after_ && baseline_.wants_write(now)) {
    writing_baseline_ = true;
    out.push_back(WriteBaseline{key_, baseline_.object(key_, baseline_version_, now)});
  }
}

void Workload::ledger_written(const Result<boost::json::object>& result, std::uint64_t revision, Time now) {
  if (!unreadable_.empty()) return;
  writing_ledger_ = false;
  if (result) {
    ledger_version_ = version_of(*result);
    written_status_ = status_hash(*result);
    if (seen_ && !newer(version_of(*seen_), ledger_version_)) seen_.reset();
    written_revision_ = std::max(written_revision_, revision);
    for (const auto& [id, reserved] : in_flight_) acknowledged_[id] = reserved;
    return;
  }
  events::write_failed(log_, key_, "ReleaseLedger", result.error().message());
  write_after_ = now + std::chrono::seconds{2};
  touch();
  if (result.error().is(Errc::conflict)) adopt_seen(now);  // what somebody else wrote is never overwritten
  if (result.error().is(Errc::not_found)) ledger_version_.clear();
}

void Workload::baseline_written(const Result<boost::json::object>& result, Time now) {
  writing_baseline_ = false;
  if (result) {
    baseline_version_ = version_of(*result);
    return;
  }
  events::write_failed(log_, key_, "ReleaseBaseline", result.error().message());
  baseline_version_ = result.error().is(Errc::not_found) ? std::string() : baseline_seen_;
  baseline_.write_again();
  baseline_after_ = now + std::chrono::seconds{10};
}

}  // namespace charon::coordinator
