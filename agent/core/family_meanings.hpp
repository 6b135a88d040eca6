#pragma once
/// What the family of each sample means, by table and policy; worked out once for all samples of a family in a row.
#include "agent/core/sample.hpp"
#include "lib/base/wire.hpp"
#include "lib/detection/policy_meaning.hpp"

#include <string>

namespace charon::agent {

class FamilyMeanings {
 public:
  /// Returns whether the entries differ from those before.
  bool configure(const std::vector<wire::MetricOverride>& entries);
  /// Valid until the next call. Without a type, `_bucket`, and the `_count` of a request's duration, are of the histogram.
  const detection::PolicyMeaning& of(const SampleView& sample);
  /// Of a metric as reports and baselines name it: "http_requests_total{code=\"5xx\"}", a histogram's family.
  detection::PolicyMeaning of_counts(std::string_view metric, wire::MetricKind kind) const;

 private:
  detection::PolicyMeanings policy_;
  std::string family_;       // that `meaning_` is of; empty: of none
  FamilyType type_ = FamilyType::unknown;
  detection::PolicyMeaning meaning_;
};

/// Whether a policy's judge of counts can read it: a request's duration or a share of bad requests.
bool counts_requests(const detection::MetricMeaning& meaning, wire::MetricKind kind);

}  // namespace charon::agent
