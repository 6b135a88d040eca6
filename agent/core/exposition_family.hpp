#pragma once
/// What a `# TYPE` allows: its names in each dialect and the suffixes of its samples (OpenMetrics 1.0, "Suffixes" and
/// "Supported types"; Prometheus text format 0.0.4, "Histograms and summaries").
#include "agent/core/exposition_format.hpp"
#include "agent/core/sample.hpp"

#include <optional>
#include <span>

namespace charon::agent {

/// How closely the specification is followed: as Prometheus' own scraper does, or to the letter.
enum class Strictness { scrape, specification };

/// "counter", "gaugehistogram", ...; nothing where the dialect does not know the type.
std::optional<FamilyType> family_type(std::string_view text, Dialect dialect);
/// As OpenMetrics writes it: "unknown", "counter", "gaugehistogram".
std::string_view type_name(FamilyType type);
/// The types of the dialect, for an error message.
std::string_view known_types(Dialect dialect);

/// The suffixes of the samples of a family, by the specification: "" is the family's own name.
std::span<const std::string_view> sample_suffixes(FamilyType type, Dialect dialect);

/// Whether sample `name` is one of family `family`'s. `scrape` also takes what exporters write in practice: counters
/// with and without _total, and _created, in both dialects.
bool is_sample_of(std::string_view name, std::string_view family, FamilyType type, Dialect dialect, Strictness strictness);

}  // namespace charon::agent
