#include "lib/detection/policy_meaning.hpp"

#include <algorithm>

namespace charon::detection {

PolicyMeaning PolicyMeanings::of(std::string_view family, FamilyType type, std::string_view unit) const {
  const MetricMeaning known = meaning_of(family, type, unit);
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const MetricOverride& change) { return matches(change, family); });
  if (entry == entries_.end()) return {known, Standing::as_known};
  if (entry->ignore.value_or(false)) return {known, Standing::ignored};
  const auto changed = apply(*entry, known);
  return changed ? PolicyMeaning{*changed, Standing::as_known} : PolicyMeaning{known, Standing::unfit};
}

}  // namespace charon::detection
