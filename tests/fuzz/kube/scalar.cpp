// Quantities, times and durations as text: what is read is written in a form that is read back as the same value.
#include "lib/base/clock.hpp"
#include "lib/base/quantity.hpp"

#include <cstdlib>

using namespace charon;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto quantity = parse_quantity(text)) {
    const auto again = parse_quantity(format_quantity(*quantity));
    check(again && *again == *quantity);
    check(format_quantity(*again) == format_quantity(*quantity));
    (void)(*quantity + *quantity);
    (void)(*quantity - *quantity).units();
  }
  if (const auto time = parse_time(text)) {
    const auto year = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(*time)}.year();
    const auto again = parse_time(format_time(*time));
    // An offset can carry a time out of the years that RFC 3339 has.
    if (year >= std::chrono::year{0} && year <= std::chrono::year{9999}) check(again && *again == *time);
  }
  if (const auto duration = parse_duration(text)) {
    const auto again = parse_duration(format_duration(*duration));
    check(again && *again == *duration);
  }
  return 0;
}
