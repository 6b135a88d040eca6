/// The label set of a sample or exemplar: '{' name '="' value '"' ... '}'.
#include "agent/core/exposition_parser.hpp"
#include "agent/core/exposition_text.hpp"

#include <fmt/format.h>

namespace charon::agent {

bool ExpositionParser::read_labels(std::vector<LabelView>& labels) {
  const auto blanks = [this] {
    if (!openmetrics()) skip_blanks();  // OpenMetrics has no blanks inside braces
  };
  const auto at = [this](char c) { return !at_line_end() && *at_ == c; };
  ++at_;
  blanks();
  if (at('}')) {
    ++at_;
    return true;
  }
  for (;;) {
    if (!read_label(labels)) return false;
    blanks();
    const char* separator = at_;
    if (at('}')) break;
    if (!at(',')) return refuse(at_, "expected ',' or '}' after a label, " + found());
    ++at_;
    blanks();
    if (!at('}')) continue;
    // The Prometheus text format allows a comma before the brace, and its scraper does in OpenMetrics too.
    if (openmetrics() && strict()) return refuse(separator, "expected no ',' before '}'");
    break;
  }
  ++at_;
  return true;
}

bool ExpositionParser::read_label(std::vector<LabelView>& labels) {
  const std::string_view name = rest().substr(0, label_name_length(rest()));
  if (name.empty()) return refuse(at_, "expected a label name, " + found());
  if (name.size() > limits_.name_bytes)
    return refuse(at_, fmt::format("expected a label name of at most {} bytes", limits_.name_bytes), Errc::too_large);
  if (labels.size() == limits_.labels)
    return refuse(at_, fmt::format("expected at most {} labels", limits_.labels), Errc::too_large);
  for (const LabelView& label : labels)
    if (label.name == name) return refuse(at_, fmt::format("expected each label once, found '{}' again", name));
  at_ += name.size();
  const auto expect = [this](char c, std::string_view what) {
    if (!openmetrics()) skip_blanks();
    if (at_line_end() || *at_ != c) return refuse(at_, fmt::format("expected {}, {}", what, found()));
    ++at_;
    return true;
  };
  if (!expect('=', "'=' after the label name") || !expect('"', "'\"' before the label value")) return false;
  LabelView label{name, {}};
  if (!read_label_value(label.value)) return false;
  labels.push_back(label);
  return true;
}

bool ExpositionParser::read_label_value(std::string_view& value) {
  const char* begin = at_;
  bool escaped = false;
  while (at_ != line_end_ && *at_ != '"') {
    if (*at_ == '\\') {
      escaped = true;
      ++at_;
      if (at_ == line_end_) break;
    }
    ++at_;
  }
  if (at_line_end()) return refuse(at_, "expected '\"' after the label value, " + found());
  const std::string_view raw{begin, static_cast<std::size_t>(at_ - begin)};
  if (raw.size() > limits_.value_bytes)
    return refuse(begin, fmt::format("expected a label value of at most {} bytes", limits_.value_bytes), Errc::too_large);
  // Strict parsing has checked the whole line.
  const std::size_t bad = strict() ? std::string_view::npos : find_invalid_utf8(raw);
  if (bad != std::string_view::npos) return refuse(begin + bad, "expected valid UTF-8");
  value = raw;
  if (escaped && !unescape(raw, true, value)) return false;
  ++at_;
  return true;
}

/// \\, \n and, with `quotes`, \" are escapes. Another character after a backslash: both stand for themselves, except that
/// the Prometheus text format does not know them in a label value.
bool ExpositionParser::unescape(std::string_view raw, bool quotes, std::string_view& out) {
  if (raw.find('\\') == std::string_view::npos) {
    out = raw;
    return true;
  }
  // All unescaped text of a line is shorter than the line, so no later growth moves what views point at.
  const auto line_length = static_cast<std::size_t>(line_end_ - line_begin_);
  if (unescaped_.capacity() < line_length) unescaped_.reserve(line_length);
  const std::size_t begin = unescaped_.size();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char next = raw[i] == '\\' && i + 1 < raw.size() ? raw[i + 1] : '\0';
    const char meant = next == 'n' ? '\n' : next == '\\' || (quotes && next == '"') ? next : '\0';
    if (meant != '\0') {
      unescaped_.push_back(meant);
      ++i;
      continue;
    }
    if (raw[i] == '\\' && quotes && strict() && !openmetrics())
      return refuse(raw.data() + i, "expected \\\\, \\\" or \\n after a backslash");
    unescaped_.push_back(raw[i]);
  }
  out = std::string_view(unescaped_).substr(begin);
  return true;
}

}  // namespace charon::agent
