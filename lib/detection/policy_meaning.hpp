#pragma once
/// What families mean once a policy was asked: the table, changed by the entries of RollbackPolicy's `metrics`.
#include "lib/detection/metric_meaning.hpp"

#include <vector>

namespace charon::detection {

/// What the policy says of a family's part in the verdict.
enum class Standing {
  as_known,  ///< as the meaning has it
  ignored,   ///< not judged; the meaning is the table's, so that it can be counted all the same
  unfit,     ///< the entry does not fit what the family is, so nobody knows what was wanted: not judged either
};

struct PolicyMeaning {
  MetricMeaning meaning;
  Standing standing = Standing::as_known;

  bool operator==(const PolicyMeaning&) const = default;
};

class PolicyMeanings {
 public:
  PolicyMeanings() = default;
  explicit PolicyMeanings(std::vector<MetricOverride> entries) : entries_(std::move(entries)) {}

  const std::vector<MetricOverride>& entries() const { return entries_; }
  /// The first entry that fits holds. Arguments: as of meaning_of.
  PolicyMeaning of(std::string_view family, FamilyType type, std::string_view unit = {}) const;

 private:
  std::vector<MetricOverride> entries_;
};

}  // namespace charon::detection
