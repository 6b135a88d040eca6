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
  family_.clear();
  return true;
}

const detection::PolicyMeaning& FamilyMeanings::of(const SampleView& sample) {
  if (!family_.empty() && family_ == sample.family && type_ == sample.type) return meaning_;
  family_ = sample.family;
  type_ = sample.type;
  std::string_view family = sample.family;
  if (type_ == FamilyType::unknown && family.ends_with(bucket)) {
    family.remove_suffix(bucket.size());
    return meaning_ = policy_.of(family, FamilyType::histogram);
  }
  if (type_ == FamilyType::unknown && family.ends_with(count)) {
    family.remove_suffix(count.size());
    meaning_ = policy_.of(family, FamilyType::histogram);
    if (counts_requests(meaning_.meaning, wire::MetricKind::latency)) return meaning_;
  }
  return meaning_ = policy_.of(sample.family, sample.type);
}

detection::PolicyMeaning FamilyMeanings::of_counts(std::string_view metric, wire::MetricKind kind) const {
  if (kind == wire::MetricKind::latency) return policy_.of(metric, FamilyType::histogram);
  std::string_view family = metric.substr(0, metric.find('{'));
  if (!family.ends_with(count)) return policy_.of(family, FamilyType::counter);
  family.remove_suffix(count.size());
  return policy_.of(family, FamilyType::histogram);
}

}  // namespace charon::agent
