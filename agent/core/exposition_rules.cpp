#include "agent/core/exposition_rules.hpp"

#include "agent/core/exposition_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace charon::agent {
namespace {

const LabelView* find_label(const ExpositionSample& sample, std::string_view name) {
  const auto found = std::find_if(sample.labels.begin(), sample.labels.end(), [&](const LabelView& l) { return l.name == name; });
  return found == sample.labels.end() ? nullptr : &*found;
}

/// The label that tells samples of one metric apart: a bucket's bound, a quantile, a state. No metric has it itself.
std::string_view distinguishing_label(FamilyType type, std::string_view family) {
  switch (type) {
    case FamilyType::histogram:
    case FamilyType::gauge_histogram: return "le";
    case FamilyType::summary: return "quantile";
    case FamilyType::state_set: return family;
    case FamilyType::unknown:
    case FamilyType::counter:
    case FamilyType::gauge:
    case FamilyType::info: break;
  }
  return {};
}

/// The samples of the type that must have it.
std::string_view distinguished_suffix(FamilyType type) {
  return type == FamilyType::histogram || type == FamilyType::gauge_histogram ? "_bucket" : "";
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

std::vector<ExpositionError> check_exposition(std::string_view text, Dialect dialect, ExpositionLimits limits, std::size_t max_findings) {
  std::vector<ExpositionError> findings;
  ExpositionRules rules(dialect, findings);
  ExpositionParser parser(limits);
  parser.start(text, dialect, Strictness::specification);
  bool end = false;
  while (!end && findings.size() < max_findings) {
    const ExpositionItem item = parser.next();
    switch (item) {
      case ExpositionItem::sample: rules.sample(parser); break;
      case ExpositionItem::type:
      case ExpositionItem::help:
      case ExpositionItem::unit: rules.metadata(item, parser); break;
      case ExpositionItem::error: findings.push_back(parser.error()); break;
      case ExpositionItem::end: end = true; break;
    }
  }
  if (end) rules.finish();
  std::stable_sort(findings.begin(), findings.end(), [](const ExpositionError& a, const ExpositionError& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  if (findings.size() > max_findings) findings.resize(max_findings);
  return findings;
}

void ExpositionRules::find(std::size_t line, std::size_t column, std::string message) {
  findings_.push_back({Errc::invalid_input, line, column, std::move(message)});
}

void ExpositionRules::begin_family(std::string_view name, std::size_t line) {
  end_family();
  family_ = Family{};
  family_.name = name;
  family_.line = line;
  groups_.clear();
  series_.clear();
  points_.clear();
  group_.clear();
  group_timestamp_.reset();
}

void ExpositionRules::end_family() {
  if (family_.line == 0) return;
  for (const auto& [key, point] : points_)
    if (auto expected = point.finish()) find(point.line(), 1, std::move(*expected));
  if (!family_.unit.empty() && (family_.type == FamilyType::info || family_.type == FamilyType::state_set))
    find(family_.line, 1, fmt::format("expected no unit: {} is of type {}", family_.name, type_name(family_.type)));

  if (!names_.insert(family_.name).second) {
    find(family_.line, 1, fmt::format("expected all lines of {} in one group and no other family's name: it was there before", family_.name));
    return;
  }
  if (!openmetrics()) return;
  for (const std::string_view suffix : sample_suffixes(family_.type, dialect_)) {
    if (suffix.empty()) continue;
    std::string name = fmt::format("{}{}", family_.name, suffix);
    if (names_.contains(name)) find(family_.line, 1, fmt::format("expected names that do not clash: {} is {}'s and another family's", name, family_.name));
    names_.insert(std::move(name));
  }
}

void ExpositionRules::metadata(ExpositionItem kind, const ExpositionParser& parser) {
  const ExpositionMetadata& line = parser.metadata();
  if (line.family != family_.name || family_.line == 0) begin_family(line.family, parser.line());
  const std::size_t column = parser.column(line.family.data());
  const auto once = [&](bool& seen, std::string_view keyword) {
    if (seen) find(parser.line(), column, fmt::format("expected # {} once for {}", keyword, line.family));
    else if (family_.has_samples && (openmetrics() || kind == ExpositionItem::type))
      find(parser.line(), column, fmt::format("expected # {} before the samples of {}", keyword, line.family));
    seen = true;
  };
  switch (kind) {
    case ExpositionItem::type:
      once(family_.has_type, "TYPE");
      family_.type = line.type;
      break;
    case ExpositionItem::help: once(family_.has_help, "HELP"); break;
    case ExpositionItem::unit:
      once(family_.has_unit, "UNIT");
      family_.unit = line.text;
      break;
    case ExpositionItem::sample:
    case ExpositionItem::end:
    case ExpositionItem::error: break;
  }
}

void ExpositionRules::sample(const ExpositionParser& parser) {
  const ExpositionSample& sample = parser.sample();
  const bool ours = family_.line != 0 && is_sample_of(sample.name, family_.name, family_.type, dialect_, Strictness::specification);
  if (!ours && family_.line != 0 && sample.name == family_.name) {
    std::string names;
    for (const std::string_view suffix : sample_suffixes(family_.type, dialect_)) names += fmt::format(" {}{}", family_.name, suffix);
    family_.has_samples = true;
    return find(parser.line(), parser.column(sample.name.data()), fmt::format("expected a sample of {} {}:{}", type_name(family_.type), family_.name, names));
  }
  if (!ours) begin_family(sample.name, parser.line());
  family_.has_samples = true;

  const std::string_view suffix = sample.name.substr(family_.name.size());
  check_labels(parser, suffix);
  make_keys(sample, suffix);
  check_grouping(parser);
  if (openmetrics()) check_value(parser, suffix);
  check_point(parser, suffix);
}

void ExpositionRules::check_labels(const ExpositionParser& parser, std::string_view suffix) {
  const ExpositionSample& sample = parser.sample();
  const std::size_t at_name = parser.column(sample.name.data());
  const std::string_view apart = distinguishing_label(family_.type, family_.name);
  if (apart.empty()) return;
  const LabelView* label = find_label(sample, apart);
  if (suffix != distinguished_suffix(family_.type)) {
    if (label) find(parser.line(), parser.column(label->name.data()), fmt::format("expected no label {} here", apart));
    return;
  }
  if (!label) return find(parser.line(), at_name, fmt::format("expected a label {}", apart));
  if (family_.type == FamilyType::state_set) return;
  const auto number = parse_number(label->value);
  const std::size_t column = parser.column(label->name.data());
  if (!number || std::isnan(*number)) find(parser.line(), column, fmt::format("expected a number as {}", apart));
  else if (apart == "quantile" && (*number < 0 || *number > 1)) find(parser.line(), column, "expected a quantile from 0 to 1");
  else if (apart == "le" && openmetrics() && std::isinf(*number) && *number > 0 && label->value != "+Inf")
    find(parser.line(), column, "expected +Inf as the last bucket's le");
}

void ExpositionRules::make_keys(const ExpositionSample& sample, std::string_view suffix) {
  constexpr char separator = '\xff';  // in no valid UTF-8
  sorted_.assign(sample.labels.begin(), sample.labels.end());
  std::sort(sorted_.begin(), sorted_.end(), [](const LabelView& a, const LabelView& b) { return a.name < b.name; });
  const std::string_view apart = distinguishing_label(family_.type, family_.name);
  group_key_.assign(1, separator);  // never empty
  series_key_.assign(suffix).append(1, separator);
  for (const LabelView& label : sorted_) {
    const auto append = [&](std::string& key) { key.append(label.name).append(1, separator).append(label.value).append(1, separator); };
    append(series_key_);
    // Info's labels are what it says, so its metrics cannot be told apart.
    if (label.name != apart && family_.type != FamilyType::info) append(group_key_);
  }
}

void ExpositionRules::check_grouping(const ExpositionParser& parser) {
  const ExpositionSample& sample = parser.sample();
  const std::size_t at_name = parser.column(sample.name.data());
  const bool repeated = !series_.insert(series_key_).second;
  if (repeated && (!openmetrics() || !sample.timestamp))
    find(parser.line(), at_name, "expected each series (name and labels) once");
  if (openmetrics()) {
    if (group_key_ != group_) {
      if (!groups_.insert(group_key_).second) find(parser.line(), at_name, "expected all samples of a metric together, found them interleaved");
    } else if (sample.timestamp.has_value() != group_timestamp_.has_value()) {
      find(parser.line(), at_name, "expected timestamps on all samples of a metric or on none");
    } else if (sample.timestamp && *sample.timestamp < *group_timestamp_ && family_.type != FamilyType::info) {
      find(parser.line(), parser.column(sample.timestamp_text.data()), "expected a timestamp not before the last one of the metric");
    }
  }
  group_ = group_key_;
  group_timestamp_ = sample.timestamp;
}

void ExpositionRules::check_value(const ExpositionParser& parser, std::string_view suffix) {
  const ExpositionSample& sample = parser.sample();
  const double value = sample.value;
  const auto expect = [&](bool right, std::string_view what) {
    if (!right) find(parser.line(), parser.column(sample.value_text.data()), fmt::format("expected {}", what));
  };
  switch (family_.type) {
    case FamilyType::state_set: expect(value == 0 || value == 1, "0 or 1 as a state's value"); break;
    case FamilyType::info: expect(value == 1, "1 as an info's value"); break;
    case FamilyType::summary:
      if (suffix.empty()) expect(!(value < 0), "a quantile's value that is not negative");
      break;
    case FamilyType::unknown:
    case FamilyType::gauge:
    case FamilyType::counter:
    case FamilyType::histogram:
    case FamilyType::gauge_histogram: break;
  }
  if (one_of(suffix, {"_total", "_sum", "_count", "_bucket", "_gcount"})) expect(value >= 0, fmt::format("a {} that is a number and not negative", suffix));
  if (suffix == "_gsum") expect(!std::isnan(value), "a _gsum that is a number");
  if (suffix == "_created") expect(std::isfinite(value), "a time in seconds as _created");
  if (one_of(suffix, {"_count", "_bucket", "_gcount"})) expect(std::isnan(value) || std::floor(value) == value, fmt::format("a whole number as {}", suffix));

  if (!sample.exemplar) return;
  const bool allowed = (family_.type == FamilyType::counter && suffix == "_total") ||
                       (distinguishing_label(family_.type, family_.name) == "le" && suffix == "_bucket");
  if (!allowed) find(parser.line(), parser.column(sample.exemplar_text.data()), "expected an exemplar only on a counter's _total or a histogram's _bucket");
}

void ExpositionRules::check_point(const ExpositionParser& parser, std::string_view suffix) {
  const ExpositionSample& sample = parser.sample();
  const LabelView* le = suffix == "_bucket" ? find_label(sample, "le") : nullptr;
  const double bound = le ? parse_number(le->value).value_or(0) : 0;
  if (suffix == "_bucket" && (!le || std::isnan(bound))) return;  // said already
  std::string key = group_key_;
  if (openmetrics()) key.append(sample.timestamp_text);
  auto [point, added] = points_.try_emplace(std::move(key), family_.type, dialect_, parser.line());
  if (auto expected = point->second.add(suffix, sample.value, bound)) find(parser.line(), parser.column(sample.name.data()), std::move(*expected));
}

}  // namespace charon::agent
