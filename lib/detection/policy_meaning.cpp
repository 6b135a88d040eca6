#include "lib/detection/policy_meaning.hpp"

#include <algorithm>

namespace charon::detection {
namespace {

/// Whether families of that type hold what the kind is read from. A histogram always says that it is one: without a type
/// by its `_bucket`, which comes here as one.
bool holds(FamilyType type, Kind kind) {
  const bool untyped = type == FamilyType::unknown, counter = type == FamilyType::counter;
  switch (kind) {
    case Kind::error_ratio:
    case Kind::counter_rate:
    case Kind::restarts: return untyped || counter;
    case Kind::gauge: return untyped || counter || type == FamilyType::gauge;
    case Kind::latency: return type == FamilyType::histogram || type == FamilyType::summary;
    default: return true;
  }
}

}  // namespace

PolicyMeaning PolicyMeanings::of(std::string_view family, FamilyType type, std::string_view unit) const {
  const MetricMeaning known = meaning_of(family, type, unit);
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const MetricOverride& change) { return matches(change, family); });
  if (entry == entries_.end()) return {known, Standing::as_known};
  if (entry->ignore.value_or(false)) return {known, Standing::ignored};
  const auto changed = apply(*entry, known);
  return changed && (!entry->kind || holds(type, changed->kind)) ? PolicyMeaning{*changed, Standing::as_known} : PolicyMeaning{known, Standing::unfit};
}

}  // namespace charon::detection
