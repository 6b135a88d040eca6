#include "agent/core/exposition_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace charon::agent {
namespace {

constexpr std::uint8_t letter = 1, digit = 2, colon = 4;

constexpr auto character_classes = [] {
  std::array<std::uint8_t, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = letter;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = letter;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = digit;
  table['_'] = letter;
  table[':'] = colon;
  return table;
}();

std::size_t name_length(std::string_view text, unsigned first, unsigned rest) {
  const auto is = [](char c, unsigned classes) { return (character_classes[static_cast<unsigned char>(c)] & classes) != 0; };
  if (text.empty() || !is(text[0], first)) return 0;
  std::size_t length = 1;
  while (length < text.size() && is(text[length], rest)) ++length;
  return length;
}

bool equal_without_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

/// Whether `text` (unsigned) is all of: digits with at most one point, and an exponent.
bool is_decimal(std::string_view text) {
  std::size_t at = skip_digits(text, 0);
  std::size_t digits = at;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(text, fraction);
    digits += at - fraction;
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(text, exponent);
    if (at == exponent) return false;
  }
  return at == text.size();
}

/// from_chars reports numbers too large and too small alike. Which it was: does the exponent (written, and that of the
/// first digit that is not 0) lie below zero?
bool is_tiny(std::string_view decimal) {
  const std::size_t e = std::min(decimal.find_first_of("eE"), decimal.size());
  const std::string_view mantissa = decimal.substr(0, e);
  std::int64_t exponent = 0;
  if (e < decimal.size()) {
    std::string_view digits = decimal.substr(e + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    const auto parsed = parse_integer(digits);
    if (!parsed) return digits.front() == '-';
    exponent = *parsed;
  }
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos) return true;
  // Written exponents near the limits of 64 bits decide alone.
  if (exponent > (1 << 30)) return false;
  if (exponent < -(1 << 30)) return true;
  return point - static_cast<std::int64_t>(first) + exponent < 0;
}

}  // namespace

std::size_t metric_name_length(std::string_view text) { return name_length(text, letter | colon, letter | digit | colon); }
std::size_t label_name_length(std::string_view text) { return name_length(text, letter, letter | digit); }

std::optional<double> parse_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const char sign = text.front();
  const std::string_view magnitude = sign == '+' || sign == '-' ? text.substr(1) : text;
  if (!is_decimal(magnitude)) {
    if (equal_without_case(magnitude, "inf") || equal_without_case(magnitude, "infinity")) {
      constexpr double infinity = std::numeric_limits<double>::infinity();
      return sign == '-' ? -infinity : infinity;
    }
    if (equal_without_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(magnitude.data(), magnitude.data() + magnitude.size(), value);
  if (error == std::errc::result_out_of_range) {
    if (!is_tiny(magnitude)) return std::nullopt;
    value = 0;
  } else if (error != std::errc() || end != magnitude.data() + magnitude.size()) {
    return std::nullopt;
  }
  return sign == '-' ? -value : value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    std::size_t length = 0;
    unsigned char low = 0x80, high = 0xBF;  // of the second byte (RFC 3629, section 4)
    if (lead >= 0xC2 && lead <= 0xDF) length = 2;
    else if (lead >= 0xE0 && lead <= 0xEF) length = 3;
    else if (lead >= 0xF0 && lead <= 0xF4) length = 4;
    else return at;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    if (text.size() - at < length) return at;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (second < low || second > high) return at;
    for (std::size_t i = 2; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if (next < 0x80 || next > 0xBF) return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace charon::agent
