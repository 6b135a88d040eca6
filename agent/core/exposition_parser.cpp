#include "agent/core/exposition_parser.hpp"

#include "agent/core/exposition_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace charon::agent {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

Error to_error(const ExpositionError& error) {
  return fail(error.code, fmt::format("line {}, column {}: {}", error.line, error.column, error.message));
}

ExpositionParser::ExpositionParser(ExpositionLimits limits) : limits_(limits) {}

void ExpositionParser::start(std::string_view text, Dialect dialect, Strictness strictness) {
  dialect_ = dialect;
  strictness_ = strictness;
  next_line_ = line_begin_ = line_end_ = at_ = text.data();
  end_ = text.data() + text.size();
  line_ = samples_ = 0;
  seen_eof_ = done_ = false;
  family_ = {};
  type_ = FamilyType::unknown;
}

ExpositionItem ExpositionParser::next() {
  if (line_ == 0 && static_cast<std::size_t>(end_ - next_line_) > limits_.bytes) {
    line_ = 1;
    done_ = true;
    return fail_at(line_begin_, fmt::format("expected at most {} bytes", limits_.bytes), Errc::too_large);
  }
  while (!done_) {
    if (!begin_line()) return finish();
    if (seen_eof_) {
      done_ = true;
      return fail_at(at_, "expected nothing after # EOF");
    }
    if (strict()) {
      const std::size_t bad = find_invalid_utf8(rest());
      if (bad != std::string_view::npos) return fail_at(at_ + bad, "expected valid UTF-8");
    }
    if (openmetrics()) {
      if (at_line_end()) return fail_at(at_, "expected a sample or metadata, found an empty line");
      if (*at_ != '#') return sample_line();
      if (rest() != "# EOF") return openmetrics_hash_line();
      seen_eof_ = true;
      continue;
    }
    skip_blanks();
    if (at_line_end()) continue;
    if (*at_ != '#') return sample_line();
    bool is_comment = false;
    const ExpositionItem item = prometheus_hash_line(is_comment);
    if (!is_comment) return item;
  }
  return ExpositionItem::end;
}

bool ExpositionParser::begin_line() {
  if (next_line_ == end_) return false;
  line_begin_ = at_ = next_line_;
  const void* newline = std::memchr(line_begin_, '\n', static_cast<std::size_t>(end_ - line_begin_));
  line_end_ = newline ? static_cast<const char*>(newline) : end_;
  next_line_ = newline ? line_end_ + 1 : end_;
  ++line_;
  unescaped_.clear();
  return true;
}

ExpositionItem ExpositionParser::finish() {
  done_ = true;
  const bool open_line = line_ > 0 && line_end_ == end_;  // the last line has no newline
  if (openmetrics() && !seen_eof_) {
    if (!open_line) {
      ++line_;
      line_begin_ = end_;
    }
    return fail_at(end_, "expected # EOF at the end");
  }
  if (!openmetrics() && strict() && open_line) return fail_at(end_, "expected a line feed after the last line");
  return ExpositionItem::end;
}

ExpositionItem ExpositionParser::fail_at(const char* place, std::string message, Errc code) {
  error_ = ExpositionError{code, line_, column(place), std::move(message)};
  return ExpositionItem::error;
}

bool ExpositionParser::refuse(const char* place, std::string message, Errc code) {
  fail_at(place, std::move(message), code);
  return false;
}

std::string ExpositionParser::found() const {
  if (at_line_end()) return "found the end of the line";
  const auto c = static_cast<unsigned char>(*at_);
  return c > ' ' && c < 0x7F ? fmt::format("found '{}'", *at_) : c == ' ' ? "found a blank" : fmt::format("found byte 0x{:02x}", c);
}

void ExpositionParser::skip_blanks() {
  while (at_ != line_end_ && is_blank(*at_)) ++at_;
}

std::string_view ExpositionParser::read_token() {
  const char* begin = at_;
  while (at_ != line_end_ && !is_blank(*at_)) ++at_;
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

ExpositionItem ExpositionParser::prometheus_hash_line(bool& is_comment) {
  ++at_;
  const char* after_hash = at_;
  skip_blanks();
  const bool separated = at_ != after_hash;
  const std::string_view keyword = read_token();
  // "# TYPE" alone, "#TYPE x gauge" and all else are comments.
  if (separated && !at_line_end() && (keyword == "HELP" || keyword == "TYPE")) {
    skip_blanks();
    return metadata_line(keyword == "HELP" ? ExpositionItem::help : ExpositionItem::type);
  }
  is_comment = true;
  return ExpositionItem::end;
}

ExpositionItem ExpositionParser::openmetrics_hash_line() {
  const std::string_view line = rest();
  for (const auto& [start, kind] : {std::pair{"# TYPE ", ExpositionItem::type}, {"# HELP ", ExpositionItem::help}, {"# UNIT ", ExpositionItem::unit}}) {
    if (!line.starts_with(start)) continue;
    at_ += std::strlen(start);
    return metadata_line(kind);
  }
  return fail_at(at_, "expected '# TYPE ', '# HELP ', '# UNIT ' or '# EOF'");
}

ExpositionItem ExpositionParser::metadata_line(ExpositionItem kind) {
  std::string_view name;
  if (!read_metric_name(name)) return ExpositionItem::error;
  if (openmetrics()) {
    if (!expect_space("the metadata's text")) return ExpositionItem::error;
  } else {
    if (!at_line_end() && !is_blank(*at_)) return fail_at(at_, "expected a blank after the metric name, " + found());
    skip_blanks();
  }
  if (name != family_) {
    family_ = name;
    type_ = FamilyType::unknown;
  }
  metadata_ = ExpositionMetadata{name, FamilyType::unknown, {}};
  const char* text_begin = at_;
  std::string_view text = rest();
  if (kind == ExpositionItem::help) {
    if (text.size() > limits_.value_bytes)
      return fail_at(text_begin, fmt::format("expected a help text of at most {} bytes", limits_.value_bytes), Errc::too_large);
    if (!unescape(text, openmetrics(), metadata_.text)) return ExpositionItem::error;
    return kind;
  }
  if (!openmetrics())
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (kind == ExpositionItem::type) {
    const auto type = family_type(text, dialect_);
    if (!type) return fail_at(text_begin, fmt::format("expected a type: {}", known_types(dialect_)));
    type_ = metadata_.type = *type;
    return kind;
  }
  metadata_.text = text;
  const bool suffix = name.size() > text.size() && name.ends_with(text) && name[name.size() - text.size() - 1] == '_';
  if (!text.empty() && !suffix) return fail_at(text_begin, "expected the unit that the metric name ends with, after a '_'");
  return kind;
}

ExpositionItem ExpositionParser::sample_line() {
  sample_ = ExpositionSample{};
  labels_.clear();
  if (++samples_ > limits_.samples) {
    done_ = true;
    return fail_at(at_, fmt::format("expected at most {} samples", limits_.samples), Errc::too_large);
  }
  if (!read_metric_name(sample_.name)) return ExpositionItem::error;
  if (!openmetrics()) skip_blanks();
  const bool braces = !at_line_end() && *at_ == '{';
  if (braces && !read_labels(labels_)) return ExpositionItem::error;
  sample_.labels = labels_;
  if (openmetrics()) {
    if (!expect_space(braces ? "the value" : "the value, or '{'")) return ExpositionItem::error;
  } else {
    if (!braces && !is_blank(at_[-1])) return refuse(at_, "expected '{' or a blank before the value, " + found()), ExpositionItem::error;
    skip_blanks();
  }
  if (!read_number("a value", sample_.value_text, sample_.value)) return ExpositionItem::error;

  if (!openmetrics()) {
    skip_blanks();
    if (!at_line_end() && !read_timestamp(sample_.timestamp_text, sample_.timestamp)) return ExpositionItem::error;
    skip_blanks();
    if (!at_line_end()) return fail_at(at_, "expected the end of the line, " + found());
  } else if (!at_line_end()) {
    if (!expect_space("a timestamp or '#'")) return ExpositionItem::error;
    if (at_line_end() || *at_ != '#') {
      if (!read_timestamp(sample_.timestamp_text, sample_.timestamp)) return ExpositionItem::error;
      if (!at_line_end() && !expect_space("'#'")) return ExpositionItem::error;
    }
    if (is_blank(at_[-1]) || !at_line_end()) {
      if (!read_exemplar()) return ExpositionItem::error;
    }
  }
  const bool ours = is_sample_of(sample_.name, family_, type_, dialect_, strictness_);
  sample_.family = ours ? family_ : sample_.name;
  sample_.type = ours ? type_ : FamilyType::unknown;
  return ExpositionItem::sample;
}

bool ExpositionParser::read_metric_name(std::string_view& name) {
  name = rest().substr(0, metric_name_length(rest()));
  if (name.empty()) return refuse(at_, "expected a metric name, " + found());
  if (name.size() > limits_.name_bytes)
    return refuse(at_, fmt::format("expected a metric name of at most {} bytes", limits_.name_bytes), Errc::too_large);
  at_ += name.size();
  return true;
}

bool ExpositionParser::expect_space(std::string_view before) {
  if (at_line_end() || *at_ != ' ') return refuse(at_, fmt::format("expected one space before {}, {}", before, found()));
  ++at_;
  return true;
}

bool ExpositionParser::read_number(std::string_view what, std::string_view& text, double& value) {
  const char* begin = at_;
  text = read_token();
  const auto number = parse_number(text);
  if (!number) {
    at_ = begin;
    return refuse(begin, text.empty() ? fmt::format("expected {}, {}", what, found()) : fmt::format("expected {}: a decimal number within a double, +Inf, -Inf or NaN", what));
  }
  value = *number;
  return true;
}

bool ExpositionParser::read_timestamp(std::string_view& text, std::optional<double>& timestamp) {
  const char* begin = at_;
  if (!openmetrics()) {
    text = read_token();
    const auto milliseconds = parse_integer(text);
    if (!milliseconds) return refuse(begin, "expected a timestamp: whole milliseconds since the epoch");
    timestamp = static_cast<double>(*milliseconds) / 1000;
    return true;
  }
  double seconds = 0;
  if (!read_number("a timestamp", text, seconds)) return false;
  if (!std::isfinite(seconds)) return refuse(begin, "expected a timestamp: seconds since the epoch");
  timestamp = seconds;
  return true;
}

bool ExpositionParser::read_exemplar() {
  const char* begin = at_;
  if (!rest().starts_with("# {")) return refuse(at_, at_line_end() ? "expected '#' or no space at the end of the line" : "expected an exemplar: '# {'");
  at_ += 2;
  exemplar_labels_.clear();
  if (!read_labels(exemplar_labels_)) return false;
  ExemplarView& exemplar = sample_.exemplar.emplace();
  exemplar.labels = exemplar_labels_;
  if (strict()) {
    std::size_t length = 0;
    for (const LabelView& label : exemplar_labels_) length += count_code_points(label.name) + count_code_points(label.value);
    if (length > 128) return refuse(begin + 2, fmt::format("expected exemplar labels of at most 128 characters, found {}", length));
  }
  std::string_view text;
  if (!expect_space("the exemplar's value")) return false;
  if (!read_number("the exemplar's value", text, exemplar.value)) return false;
  if (!at_line_end()) {
    if (!expect_space("the exemplar's timestamp")) return false;
    if (!read_timestamp(text, exemplar.timestamp)) return false;
  }
  if (!at_line_end()) return refuse(at_, "expected the end of the line, " + found());
  sample_.exemplar_text = {begin, static_cast<std::size_t>(at_ - begin)};
  return true;
}

}  // namespace charon::agent
