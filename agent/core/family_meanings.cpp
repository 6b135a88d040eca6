#include "agent/core/family_meanings.hpp"

namespace charon::agent {
namespace {

constexpr std::string_view bucket = "_bucket", count = "_count";

}  // namespace

bool counts_requests(const detection::MetricMeaning& meaning, wire::MetricKind kind) {
  const bool duration = meaning.kind == detection::Kind::latency && meaning.group == detection::Group::latency;
  return duration || (kind == wire::MetricKind::error_ratio && meaning.kind == detection::Kind::error_ratio);
}

bool FamilyMeanings::configure(const std::vector<wire::MetricOverride>& entries) {
  if (entries == policy_.entries()) return false;
  policy_ = detection::PolicyMeanings(entries);
  known_.clear();
  last_ = nullptr;
  return true;
}

const detection::PolicyMeaning& FamilyMeanings::of(const SampleView& sample) {
  if (last_ && last_->first == sample.family && last_->second.type == sample.type) return last_->second.meaning;
  auto found = known_.find(sample.family);
  if (found == known_.end()) {
    if (known_.size() >= remembered_families || sample.family.size() > longest_family) return not_remembered_ = work_out(sample);
    found = known_.emplace(std::string(sample.family), Known{sample.type, work_out(sample)}).first;
  } else if (found->second.type != sample.type) {
    found->second = {sample.type, work_out(sample)};
  }
  last_ = &*found;
  return found->second.meaning;
}

detection::PolicyMeaning FamilyMeanings::work_out(const SampleView& sample) const {
  std::string_view family = sample.family;
  if (sample.type == FamilyType::unknown && family.ends_with(bucket)) {
    family.remove_suffix(bucket.size());
    return policy_.of(family, FamilyType::histogram);
  }
  if (sample.type == FamilyType::unknown && family.ends_with(count)) {
    family.remove_suffix(count.size());
    const detection::PolicyMeaning meaning = policy_.of(family, FamilyType::histogram);
    if (counts_requests(meaning.meaning, wire::MetricKind::latency)) return meaning;
  }
  return policy_.of(sample.family, sample.type);
}

detection::PolicyMeaning FamilyMeanings::of_counts(std::string_view metric, wire::MetricKind kind) const {
  if (kind == wire::MetricKind::latency) return policy_.of(metric, FamilyType::histogram);
  std::string_view family = metric.substr(0, metric.find('{'));
  if (!family.ends_with(count)) return policy_.of(family, FamilyType::counter);
  family.remove_suffix(count.size());
  return policy_.of(family, FamilyType::histogram);
}

}  // namespace charon::agent
