#include "lib/detection/metric_meaning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace charon::detection {
namespace {

bool remove_suffix(std::string_view& text, std::string_view suffix) {
  if (text.size() <= suffix.size() || !text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

/// One alternative, without recursion: on a mismatch the last star takes one character more.
bool fits_one(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

char letter_of(FamilyType type) {
  switch (type) {
    case FamilyType::counter: return 'c';
    case FamilyType::gauge: return 'g';
    case FamilyType::histogram:
    case FamilyType::gauge_histogram: return 'h';
    case FamilyType::summary: return 's';
    case FamilyType::info:
    case FamilyType::state_set: return 'i';
    case FamilyType::unknown: break;
  }
  return '\0';
}

bool is_duration(std::string_view family, std::string_view unit) {
  if (!unit.empty()) return unit == "seconds" || unit == "milliseconds";
  return family.ends_with("_seconds") || family.ends_with("_milliseconds") || family.ends_with("_ms");
}

/// Spreads of what nothing is known of: wide, since they have no part in a verdict unless a user says so.
MetricMeaning unknown_meaning(char type, bool duration) {
  MetricMeaning out{.direction = Direction::both, .effect = 0.5, .pod_spread = 0.3, .node_spread = 0.3};
  if (type == 'i') return {.kind = Kind::build_info};
  out.kind = type == 'c' ? Kind::counter_rate : Kind::gauge;
  if (type == 'h' || type == 's') {
    out.kind = duration ? Kind::latency : Kind::gauge;
    if (duration) out.direction = Direction::up;
  }
  return out;
}

Kind kind_of(wire::OverrideKind kind) {
  switch (kind) {
    case wire::OverrideKind::error_ratio: return Kind::error_ratio;
    case wire::OverrideKind::latency: return Kind::latency;
    case wire::OverrideKind::counter_rate: return Kind::counter_rate;
    case wire::OverrideKind::gauge: return Kind::gauge;
    case wire::OverrideKind::restarts: break;
  }
  return Kind::restarts;
}

Group group_of(Kind kind) {
  return kind == Kind::error_ratio ? Group::errors : kind == Kind::latency ? Group::latency : kind == Kind::restarts ? Group::restarts : Group::rest;
}

/// More of it is always worse.
bool rises(Kind kind) { return kind == Kind::error_ratio || kind == Kind::latency || kind == Kind::restarts; }

Error refused(const MetricOverride& change, std::string_view field, std::string_view expected) {
  return fail(Errc::invalid_input, fmt::format("metrics[\"{}\"].{}: expected {}", change.pattern, field, expected));
}

template <class E, std::size_t N>
std::string_view name_in(const std::string_view (&names)[N], E value) { return names[static_cast<std::size_t>(value)]; }

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
  for (;;) {
    const std::size_t bar = pattern.find('|');
    if (fits_one(pattern.substr(0, bar), text)) return true;
    if (bar == std::string_view::npos) return false;
    pattern.remove_prefix(bar + 1);
  }
}

MetricMeaning meaning_of(std::string_view family, FamilyType type, std::string_view unit) {
  char letter = letter_of(type);
  std::string_view name = family;
  const bool total = (type == FamilyType::counter || type == FamilyType::unknown) && remove_suffix(name, "_total");
  const bool bucket = type == FamilyType::unknown && !total && remove_suffix(name, "_bucket");
  // Without a type the name's ending is a guess, and a row of that very name knows better: Node's client library calls
  // gauges _total.
  const bool guessed = letter == '\0';
  if (guessed) letter = total ? 'c' : bucket ? 'h' : 'g';
  const bool duration = is_duration(name, unit);
  const auto find = [&](bool any_type) -> const MetricRow* {
    for (const MetricRow& row : metric_table()) {
      if (any_type && row.pattern.find('*') != std::string_view::npos) continue;  // a convention is of one type only
      if ((any_type || row.types.empty() || row.types.find(letter) != std::string_view::npos) && (row.unit.empty() || duration) && fits(row.pattern, name))
        return &row;
    }
    return nullptr;
  };
  const MetricRow* row = find(false);
  if (guessed && (!row || row->pattern.find('*') != std::string_view::npos)) {
    if (const MetricRow* named = find(true)) return named->meaning;
    // Parts of a histogram or summary that grow for ever: no levels.
    if (name.ends_with("_count") || name.ends_with("_sum")) return {.kind = Kind::ignored};
  }
  if (row) return row->meaning;
  return unknown_meaning(letter, duration);
}

Result<void> validate(const MetricOverride& change) {
  if (change.pattern.empty() || change.pattern.size() > wire::max_pattern_bytes) return refused(change, "name", "1 to 256 characters");
  const bool allowed = std::all_of(change.pattern.begin(), change.pattern.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '*' || c == '?';
  });
  if (!allowed) return refused(change, "name", "letters, digits, _, :, * and ?");
  if (change.kind && rises(kind_of(*change.kind)) && change.direction && *change.direction != Direction::up)
    return refused(change, "direction", fmt::format("up for {}", name_of(kind_of(*change.kind))));
  if (change.effect && !(*change.effect > 0 && std::isfinite(*change.effect))) return refused(change, "effect", "a number above 0");
  if (change.weight && !(*change.weight >= 0 && *change.weight <= 100)) return refused(change, "weight", "a number from 0 to 100");
  if (change.critical.value_or(false) && change.ignore.value_or(false)) return refused(change, "critical", "not together with ignore");
  if (change.critical.value_or(false) && change.weight && *change.weight == 0) return refused(change, "weight", "more than 0 for what is critical");
  return {};
}

bool matches(const MetricOverride& change, std::string_view family) {
  std::string_view pattern = change.pattern, name = family;
  remove_suffix(pattern, "_total");
  remove_suffix(name, "_total");
  return fits_one(pattern, name);
}

Result<MetricMeaning> apply(const MetricOverride& change, MetricMeaning meaning) {
  if (auto ok = validate(change); !ok) return ok.error();
  if (change.kind) {
    const Kind kind = kind_of(*change.kind);
    meaning.group = group_of(kind);
    if (kind != meaning.kind) {
      meaning.kind = kind;
      meaning.scale = kind == Kind::error_ratio || kind == Kind::restarts ? Scale::absolute : Scale::ratio;
      meaning.effect = kind == Kind::error_ratio ? 0.01 : kind == Kind::restarts ? 1 : 0.2;
      if (rises(kind)) meaning.direction = Direction::up;
      if (meaning.pod_spread == 0) meaning.pod_spread = meaning.node_spread = 0.3;
    }
  }
  const bool judged = meaning.kind != Kind::ignored && meaning.kind != Kind::build_info && meaning.kind != Kind::process_start;
  if (!judged && change.ignore && !*change.ignore)
    return refused(change, "kind", "one of error_ratio, latency, counter_rate, gauge, restarts, to judge what is ignored otherwise");
  if (!judged && (change.direction || change.scale || change.effect || change.weight || change.critical))
    return refused(change, "kind", "one that is judged");

  if (change.direction && *change.direction != Direction::up && rises(meaning.kind))
    return refused(change, "direction", fmt::format("up for {}", name_of(meaning.kind)));
  if (change.direction) meaning.direction = *change.direction;
  // Of a duration an absolute effect is one on the share of slow requests; the mean duration keeps its own.
  const bool of_shares = meaning.kind == Kind::error_ratio || (meaning.kind == Kind::latency && change.scale == Scale::absolute);
  if (change.scale && *change.scale != meaning.scale && !of_shares) {
    const bool free = meaning.kind == Kind::gauge || meaning.kind == Kind::counter_rate;
    if (!free) return refused(change, "scale", fmt::format("{} for {}", name_of(meaning.scale), name_of(meaning.kind)));
    meaning.scale = *change.scale;
    // An effect, and spreads, on one scale say nothing on the other.
    if (!change.effect) return refused(change, "effect", "a number, since the scale changes");
    meaning.pod_spread = meaning.node_spread = *change.scale == Scale::ratio ? 0.3 : *change.effect / 2;
  }
  if (meaning.kind == Kind::error_ratio && change.scale == Scale::ratio) return refused(change, "scale", "absolute for error_ratio");
  if (change.effect && of_shares) {
    if (*change.effect > 1) return refused(change, "effect", "a share of requests, at most 1");
    meaning.share_effect = *change.effect;
    if (meaning.kind == Kind::error_ratio) meaning.effect = *change.effect;
  } else if (change.effect) {
    if (meaning.scale == Scale::ratio && *change.effect > 100) return refused(change, "effect", "at most 100 times");
    meaning.effect = *change.effect;
  } else if (of_shares && change.scale) {
    return refused(change, "effect", "a share of requests, since the scale is absolute");
  }
  if (change.weight) meaning.weight = *change.weight;
  if (change.critical) meaning.decides = meaning.critical = *change.critical;
  const bool read = change.kind && (change.direction || rises(meaning.kind));
  meaning.named = meaning.critical || (change.weight ? *change.weight > 0 : read);
  if (meaning.named && meaning.weight == 0) meaning.weight = 1;
  meaning.known = meaning.known || meaning.named;
  return meaning;
}

std::string_view name_of(Kind kind) {
  constexpr std::string_view names[] = {"error_ratio", "latency", "counter_rate", "gauge", "restarts", "process_start", "build_info", "ignored"};
  return name_in(names, kind);
}
std::string_view name_of(Group group) {
  constexpr std::string_view names[] = {"errors", "latency", "restarts", "rest"};
  return name_in(names, group);
}
std::string_view name_of(Direction direction) {
  constexpr std::string_view names[] = {"up", "down", "both"};
  return name_in(names, direction);
}
std::string_view name_of(Scale scale) {
  constexpr std::string_view names[] = {"ratio", "absolute"};
  return name_in(names, scale);
}

}  // namespace charon::detection
