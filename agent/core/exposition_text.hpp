#pragma once
/// The lexical rules both text formats share: names, numbers, UTF-8. Nothing here allocates.
#include <cstdint>
#include <optional>
#include <string_view>

namespace charon::agent {

/// [a-zA-Z_:][a-zA-Z0-9_:]*: the length of the longest metric name that `text` starts with; 0: none.
std::size_t metric_name_length(std::string_view text);
/// [a-zA-Z_][a-zA-Z0-9_]*: the same for label names.
std::size_t label_name_length(std::string_view text);

/// A decimal number as Go's ParseFloat and OpenMetrics' `number` accept it: digits with at most one point and an exponent,
/// [+-]Inf, [+-]Infinity, NaN, all without case. No hexadecimals, underscores or blanks. Nothing where it is not a number
/// or its magnitude is beyond a double (too small is 0).
std::optional<double> parse_number(std::string_view text);
/// Decimal digits with an optional minus sign, within 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// Where the first malformed UTF-8 sequence (RFC 3629: overlong forms and surrogates included) starts; npos: none.
std::size_t find_invalid_utf8(std::string_view text);
/// Code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

}  // namespace charon::agent
