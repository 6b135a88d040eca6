#include "injector/core/creation_refusals.hpp"

#include "injector/core/pod_view.hpp"
#include "injector/core/utf8_prefix.hpp"

#include <algorithm>
#include <array>

namespace charon::injector {
namespace {

namespace json = boost::json;

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::optional<Time> time_of(const json::object& event) {
  std::optional<Time> latest;
  const json::object* series = object_of(event, "series");
  for (const std::string_view text : {series ? text_of(*series, "lastObservedTime") : std::string_view(), text_of(event, "lastTimestamp"),
                                      text_of(event, "eventTime"), text_of(event, "firstTimestamp")})
    if (const auto time = parse_time(text); time && (!latest || *time > *latest)) latest = *time;
  return latest;
}

}  // namespace

std::optional<FailedCreation> failed_creation(const json::object& event) {
  if (text_of(event, "reason") != "FailedCreate") return std::nullopt;
  const json::object* about = object_of(event, "involvedObject");
  const std::string_view message = text_of(event, "message");
  const auto when = time_of(event);
  if (!about || !when) return std::nullopt;
  if (!contains_any(message, {"forbidden", "denied", "invalid", "quota", "charon"}) ||
      contains_any(message, {"being terminated", "timeout", "timed out", "deadline exceeded"}))
    return std::nullopt;
  return FailedCreation{WorkloadKey{std::string(text_of(*about, "namespace")), std::string(text_of(*about, "kind")), std::string(text_of(*about, "name"))},
                        utf8_prefix(message, 1024), *when};
}

CreationRefusals::Entry& CreationRefusals::entry(const WorkloadKey& workload) {
  if (!entries_.contains(workload) && entries_.size() >= max_workloads) {
    // The one that matters least: whose injection and hold lie back furthest.
    const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return std::max(a.second.injected, a.second.until) < std::max(b.second.injected, b.second.until);
    });
    entries_.erase(oldest);
  }
  return entries_[workload];
}

void CreationRefusals::injected(const WorkloadKey& workload, Time now) { entry(workload).injected = now; }

bool CreationRefusals::refused(const FailedCreation& failure, Time now) {
  const auto found = entries_.find(failure.workload);
  if (found == entries_.end()) return false;
  Entry& entry = found->second;
  // Events carry whole seconds.
  constexpr Duration rounding{1'000};
  if (now < entry.until || failure.when + rounding < entry.injected || failure.when > entry.injected + config_.blame) return false;
  if (now - entry.until > config_.longest_hold) entry.hold = {};
  entry.hold = entry.hold == Duration{} ? config_.hold : std::min(entry.hold * 2, config_.longest_hold);
  entry.until = now + entry.hold;
  entry.message = failure.message;
  return true;
}

std::optional<std::string> CreationRefusals::held(const WorkloadKey& workload, Time now) const {
  const auto found = entries_.find(workload);
  if (found == entries_.end() || now >= found->second.until) return std::nullopt;
  return found->second.message;
}

std::size_t CreationRefusals::holds(Time now) const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return now < entry.second.until; }));
}

}  // namespace charon::injector
