#include "lib/base/quantity.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace charon {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

constexpr std::array<std::pair<std::string_view, int>, 10> decimal_suffixes{
    {{"n", -9}, {"u", -6}, {"m", -3}, {"", 0}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}}};
constexpr std::array<std::string_view, 7> binary_suffixes{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

struct Scale {
  int tens = 0;      ///< powers of 10
  int kibis = 0;     ///< powers of 1024
  Quantity::Format format = Quantity::Format::decimal;
};

std::optional<Scale> read_scale(std::string_view suffix) {
  for (const auto& [name, tens] : decimal_suffixes)
    if (suffix == name) return Scale{tens, 0, Quantity::Format::decimal};
  for (std::size_t i = 1; i < binary_suffixes.size(); ++i)
    if (suffix == binary_suffixes[i]) return Scale{0, static_cast<int>(i), Quantity::Format::binary};
  if (suffix[0] != 'e' && suffix[0] != 'E') return std::nullopt;
  suffix.remove_prefix(1);
  if (suffix.starts_with('+')) {
    suffix.remove_prefix(1);
    if (suffix.starts_with('-')) return std::nullopt;
  }
  int exponent = 0;
  const auto [end, ec] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  if (ec != std::errc{} || end != suffix.data() + suffix.size() || exponent > 1000 || exponent < -1000) return std::nullopt;
  return Scale{exponent, 0, Quantity::Format::exponent};
}

/// mantissa * 10^tens * 1024^kibis, rounded up, at most `most`. `inexact`: the mantissa lost digits.
std::int64_t scaled(Wide mantissa, int tens, int kibis, bool inexact) {
  if (mantissa == 0) return inexact ? 1 : 0;
  mantissa <<= 10 * kibis;  // below 10^20 * 2^60 < 2^127
  for (; tens > 0 && mantissa <= static_cast<Wide>(most); --tens) mantissa *= 10;
  for (; tens < 0 && mantissa != 0; ++tens) {
    inexact = inexact || mantissa % 10 != 0;
    mantissa /= 10;
  }
  if (inexact) ++mantissa;
  return mantissa > static_cast<Wide>(most) ? most : static_cast<std::int64_t>(mantissa);
}

}  // namespace

Quantity Quantity::of_bytes(std::int64_t bytes) {
  if (bytes > most / 1000) return {most, Format::binary};
  if (bytes < -(most / 1000)) return {-most, Format::binary};
  return {bytes * 1000, Format::binary};
}

std::int64_t Quantity::units() const { return milli / 1000 + (milli % 1000 > 0) - (milli % 1000 < 0); }

Quantity operator+(const Quantity& a, const Quantity& b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.milli, b.milli, &sum)) sum = a.milli > 0 ? most : -most;
  return {sum, a.format};
}

Quantity operator-(const Quantity& a, const Quantity& b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.milli, b.milli, &difference)) difference = a.milli > 0 ? most : -most;
  return {difference, a.format};
}

Result<Quantity> parse_quantity(std::string_view text) {
  const auto bad = [&] { return fail(Errc::invalid_input, fmt::format("'{}' is not a quantity like 100m, 0.5 or 48Mi", text.substr(0, 64))); };
  if (text.size() > 64) return bad();
  std::string_view left = text;
  const bool negative = left.starts_with('-');
  if (negative || left.starts_with('+')) left.remove_prefix(1);

  Wide mantissa = 0;
  int significant = 0, tens = 0, digits = 0;
  bool fraction = false, inexact = false;
  for (; !left.empty(); left.remove_prefix(1)) {
    const char c = left.front();
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    ++digits;
    if (significant < 20) {
      mantissa = mantissa * 10 + static_cast<unsigned>(c - '0');
      if (mantissa != 0) ++significant;
      if (fraction) --tens;
    } else {
      inexact = inexact || c != '0';
      if (!fraction) ++tens;
    }
  }
  if (digits == 0) return bad();
  const auto scale = read_scale(left);
  if (!scale) return bad();
  const std::int64_t milli = scaled(mantissa, tens + scale->tens + 3, scale->kibis, inexact);
  return Quantity{negative ? -milli : milli, scale->format};
}

std::string format_quantity(const Quantity& quantity) {
  if (quantity.milli == 0) return "0";
  const std::string_view sign = quantity.milli < 0 ? "-" : "";
  std::uint64_t amount = quantity.milli < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(quantity.milli) : static_cast<std::uint64_t>(quantity.milli);
  // Below 1024 units and where a fraction would be lost, binary quantities are written as decimals.
  if (quantity.format == Quantity::Format::binary && amount % 1000 == 0 && amount >= 1'024'000) {
    amount /= 1000;
    std::size_t kibis = 0;
    for (; amount % 1024 == 0 && kibis + 1 < binary_suffixes.size(); ++kibis) amount /= 1024;
    return fmt::format("{}{}{}", sign, amount, binary_suffixes[kibis]);
  }
  int tens = -3;
  for (; amount % 1000 == 0 && tens < 18; tens += 3) amount /= 1000;
  if (quantity.format == Quantity::Format::exponent) return tens == 0 ? fmt::format("{}{}", sign, amount) : fmt::format("{}{}e{}", sign, amount, tens);
  for (const auto& [name, power] : decimal_suffixes)
    if (power == tens) return fmt::format("{}{}{}", sign, amount, name);
  return fmt::format("{}{}", sign, amount);
}

}  // namespace charon
