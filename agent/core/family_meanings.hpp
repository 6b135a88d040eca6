#pragma once
/// What the family of each sample means, by table and policy; worked out once a family.
#include "agent/core/sample.hpp"
#include "lib/base/wire.hpp"
#include "lib/detection/policy_meaning.hpp"

#include <map>
#include <string>
#include <vector>

namespace charon::agent {

inline constexpr std::size_t remembered_families = 1'000, longest_family = 512;  ///< others are worked out for each sample

class FamilyMeanings {
 public:
  FamilyMeanings() = default;
  FamilyMeanings(const FamilyMeanings&) = delete;
  FamilyMeanings& operator=(const FamilyMeanings&) = delete;

  /// Returns whether the entries differ from those before.
  bool configure(const std::vector<wire::MetricOverride>& entries);
  /// Valid until the next call. Without a type, `_bucket`, and the `_count` and `_sum` of a request's duration, are of the histogram.
  const detection::PolicyMeaning& of(const SampleView& sample);
  /// Families of distributions that mean something and are not counted, since they are of inner operations or nobody knows
  /// them: no judge sees them. In the order of their first samples, at most wire::max_excluded.
  struct Unread {
    std::string family;
    wire::Excluded why;
  };
  const std::vector<Unread>& unread() const { return unread_; }
  /// Of a metric as reports and baselines name it: "http_requests_total{code=\"5xx\"}", a histogram's family.
  detection::PolicyMeaning of_counts(std::string_view metric, wire::MetricKind kind) const;

 private:
  struct Known {
    FamilyType type = FamilyType::unknown;
    detection::PolicyMeaning meaning;
  };
  using Families = std::map<std::string, Known, std::less<>>;
  detection::PolicyMeaning work_out(const SampleView& sample) const;
  void note_unread(const SampleView& sample, const detection::PolicyMeaning& meaning);

  detection::PolicyMeanings policy_;
  Families known_;
  const Families::value_type* last_ = nullptr;  // in known_: samples of a family come in a row
  detection::PolicyMeaning not_remembered_;
  std::vector<Unread> unread_;
};

/// Whether a policy's judge of counts can read it: a request's duration or a share of bad requests.
bool counts_requests(const detection::MetricMeaning& meaning, wire::MetricKind kind);

}  // namespace charon::agent
