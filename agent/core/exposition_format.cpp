#include "agent/core/exposition_format.hpp"

#include <algorithm>

namespace charon::agent {
namespace {

std::string_view trim(std::string_view text, std::string_view blanks) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

Dialect dialect_of_content_type(std::string_view content_type) {
  constexpr std::string_view openmetrics = "application/openmetrics-text";
  const std::string_view media_type = trim(content_type.substr(0, content_type.find(';')), " \t");
  const bool same = std::equal(media_type.begin(), media_type.end(), openmetrics.begin(), openmetrics.end(),
                               [](char a, char b) { return lower(a) == b; });
  return same ? Dialect::openmetrics : Dialect::prometheus;
}

Dialect dialect_of_text(std::string_view text) {
  text = trim(text, "\n");
  const std::string_view last = text.substr(text.rfind('\n') + 1);  // npos + 1 is 0: the only line
  return last == "# EOF" ? Dialect::openmetrics : Dialect::prometheus;
}

}  // namespace charon::agent
