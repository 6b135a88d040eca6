#pragma once
/// gzip (RFC 1952) bodies, read within a bound.
#include "lib/base/error.hpp"

#include <string>
#include <string_view>

namespace charon::net {

/// All members of `compressed`, one after another. Errors: invalid_input (not gzip, damaged, cut off), too_large (more than
/// `max_bytes` come out; no more than that is ever held).
Result<std::string> inflate_gzip(std::string_view compressed, std::size_t max_bytes);

/// One gzip member.
std::string deflate_gzip(std::string_view plain);

}  // namespace charon::net
