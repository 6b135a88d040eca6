#include "agent/core/family_meanings.hpp"

namespace charon::agent {
namespace {

constexpr std::string_view bucket = "_bucket", count = "_count", sum = "_sum";

}  // namespace

bool counts_requests(const detection::MetricMeaning& meaning, wire::MetricKind kind) {
  const bool duration = meaning.kind == detection::Kind::latency && meaning.group == detection::Group::latency;
  return duration || (kind == wire::MetricKind::error_ratio && meaning.kind == detection::Kind::error_ratio);
}

bool FamilyMeanings::configure(const std::vector<wire::MetricOverride>& entries) {
  if (entries == policy_.entries()) return false;
  policy_ = detection::PolicyMeanings(entries);
  known_.clear();
  unread_.clear();
  last_ = nullptr;
  return true;
}

const detection::PolicyMeaning& FamilyMeanings::of(const SampleView& sample) {
  if (last_ && last_->first == sample.family && last_->second.type == sample.type) return last_->second.meaning;
  auto found = known_.find(sample.family);
  if (found == known_.end()) {
    if (known_.size() >= remembered_families || sample.family.size() > longest_family) return not_remembered_ = work_out(sample);
    found = known_.emplace(std::string(sample.family), Known{sample.type, work_out(sample)}).first;
    note_unread(sample, found->second.meaning);
  } else if (found->second.type != sample.type) {
    found->second = {sample.type, work_out(sample)};
  }
  last_ = &*found;
  return found->second.meaning;
}

void FamilyMeanings::note_unread(const SampleView& sample, const detection::PolicyMeaning& of_family) {
  const bool guessed = sample.type == FamilyType::unknown && sample.family.ends_with(bucket) && sample.family != bucket;
  const bool distribution = guessed || sample.type == FamilyType::histogram || sample.type == FamilyType::gauge_histogram;
  const detection::MetricMeaning& meaning = of_family.meaning;
  const bool means_something = meaning.kind == detection::Kind::latency || meaning.kind == detection::Kind::gauge;
  if (!distribution || !means_something || counts_requests(meaning, wire::MetricKind::latency) || unread_.size() >= wire::max_excluded) return;
  using enum detection::Standing;
  unread_.push_back({.family = std::string(sample.family.substr(0, sample.family.size() - (guessed ? bucket.size() : 0))),
                     .why = of_family.standing == ignored ? wire::Excluded::ignored : of_family.standing == unfit ? wire::Excluded::unfit
                            : meaning.known ? wire::Excluded::for_the_record : wire::Excluded::unknown});
}

detection::PolicyMeaning FamilyMeanings::work_out(const SampleView& sample) const {
  std::string_view family = sample.family;
  if (sample.type == FamilyType::unknown && family.ends_with(bucket)) {
    family.remove_suffix(bucket.size());
    return policy_.of(family, FamilyType::histogram);
  }
  for (const std::string_view part : {count, sum}) {
    if (sample.type != FamilyType::unknown || !family.ends_with(part)) continue;
    family.remove_suffix(part.size());
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
