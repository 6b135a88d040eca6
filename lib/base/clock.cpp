#include "lib/base/clock.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace charon {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t longest = 366LL * 100 * 86'400'000;  // a century, far from overflow

}  // namespace

std::string format_time(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<Time> parse_time(std::string_view text) {
  const auto bad = [&] { return fail(Errc::invalid_input, fmt::format("'{}' is not an RFC 3339 time", text.substr(0, 64))); };
  int year, month, day, hour, minute, second;
  if (!digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day) || !digits(text, 11, 2, hour) ||
      !digits(text, 14, 2, minute) || !digits(text, 17, 2, second) || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
    return bad();
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return bad();
  std::size_t at = 19;
  int milli = 0;
  if (at < text.size() && text[at] == '.') {
    int scale = 100;
    if (++at == text.size() || text[at] < '0' || text[at] > '9') return bad();
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) milli += (text[at] - '0') * scale;
  }
  Duration offset{0};
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else {
    int oh, om;
    if (at + 6 != text.size() || (text[at] != '+' && text[at] != '-') || !digits(text, at + 1, 2, oh) ||
        text[at + 3] != ':' || !digits(text, at + 4, 2, om) || oh > 23 || om > 59)
      return bad();
    offset = (hours{oh} + minutes{om}) * (text[at] == '-' ? -1 : 1);
    at += 6;
  }
  if (at != text.size()) return bad();
  return Time{std::chrono::sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} + Duration{milli} - offset;
}

Result<Duration> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return fail(Errc::invalid_input, fmt::format("'{}' is not a duration like 5s, 1m30s or 250ms", text.substr(0, 64)));
  };
  std::int64_t total = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at == end) return bad();
  if (text == "0") return Duration{0};
  while (at != end) {
    double number = 0;
    if (*at < '0' || *at > '9') return bad();
    const auto [rest, ec] = std::from_chars(at, end, number, std::chars_format::fixed);
    if (ec != std::errc{}) return bad();
    const char* stop = rest;
    while (stop != end && *stop >= 'a' && *stop <= 'z') ++stop;
    const std::string_view unit(rest, static_cast<std::size_t>(stop - rest));
    std::int64_t scale = 0;
    for (const auto& [name, value] : units)
      if (name == unit) scale = value;
    if (scale == 0 || number * static_cast<double>(scale) > static_cast<double>(longest)) return bad();
    total += static_cast<std::int64_t>(number * static_cast<double>(scale) + 0.5);
    if (total > longest) return bad();
    at = stop;
  }
  return Duration{total};
}

std::string format_duration(Duration duration) {
  std::int64_t left = duration.count();
  if (left <= 0) return "0s";
  std::string text;
  for (const auto& [name, value] : units) {
    if (left / value > 0) text += fmt::format("{}{}", left / value, name);
    left %= value;
  }
  return text;
}

}  // namespace charon
