#include "agent/core/exposition_family.hpp"

#include <algorithm>
#include <array>

namespace charon::agent {
namespace {

struct TypeRow {
  FamilyType type;
  std::string_view openmetrics, prometheus;  ///< empty: the dialect does not have it
};
constexpr std::array<TypeRow, 8> types{{{FamilyType::unknown, "unknown", "untyped"},
                                        {FamilyType::counter, "counter", "counter"},
                                        {FamilyType::gauge, "gauge", "gauge"},
                                        {FamilyType::histogram, "histogram", "histogram"},
                                        {FamilyType::gauge_histogram, "gaugehistogram", ""},
                                        {FamilyType::summary, "summary", "summary"},
                                        {FamilyType::info, "info", ""},
                                        {FamilyType::state_set, "stateset", ""}}};

constexpr std::string_view bare[] = {""};
constexpr std::string_view counter[] = {"_total", "_created"};
constexpr std::string_view histogram[] = {"_bucket", "_count", "_sum", "_created"};
constexpr std::string_view gauge_histogram[] = {"_bucket", "_gcount", "_gsum"};
constexpr std::string_view summary[] = {"", "_count", "_sum", "_created"};
constexpr std::string_view info[] = {"_info"};

}  // namespace

std::optional<FamilyType> family_type(std::string_view text, Dialect dialect) {
  for (const TypeRow& row : types)
    if (!text.empty() && text == (dialect == Dialect::openmetrics ? row.openmetrics : row.prometheus)) return row.type;
  return std::nullopt;
}

std::string_view type_name(FamilyType type) { return types[static_cast<std::size_t>(type)].openmetrics; }

std::string_view known_types(Dialect dialect) {
  return dialect == Dialect::openmetrics ? "unknown, counter, gauge, histogram, gaugehistogram, summary, info or stateset"
                                         : "untyped, counter, gauge, histogram or summary";
}

std::span<const std::string_view> sample_suffixes(FamilyType type, Dialect dialect) {
  const bool openmetrics = dialect == Dialect::openmetrics;
  switch (type) {
    case FamilyType::counter: return openmetrics ? std::span<const std::string_view>(counter) : bare;
    // The Prometheus text format has no _created; it stands last, so the first three are its own.
    case FamilyType::histogram: return std::span<const std::string_view>(histogram).first(openmetrics ? 4 : 3);
    case FamilyType::summary: return std::span<const std::string_view>(summary).first(openmetrics ? 4 : 3);
    case FamilyType::gauge_histogram: return gauge_histogram;
    case FamilyType::info: return info;
    case FamilyType::unknown:
    case FamilyType::gauge:
    case FamilyType::state_set: break;
  }
  return bare;
}

bool is_sample_of(std::string_view name, std::string_view family, FamilyType type, Dialect dialect, Strictness strictness) {
  if (family.empty() || !name.starts_with(family)) return false;
  const std::string_view suffix = name.substr(family.size());
  const auto one_of = [&](std::span<const std::string_view> suffixes) {
    return std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
  };
  if (one_of(sample_suffixes(type, dialect))) return true;
  if (strictness == Strictness::specification) return false;
  return suffix.empty() || one_of(sample_suffixes(type, Dialect::openmetrics));
}

}  // namespace charon::agent
