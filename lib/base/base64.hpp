#pragma once
/// base64 with padding (RFC 4648, section 4), as Kubernetes writes bytes in JSON.
#include "lib/base/error.hpp"

#include <string>
#include <string_view>

namespace charon {

std::string base64_encode(std::string_view bytes);
/// Strict: no white space, padding required. Errors: invalid_input.
Result<std::string> base64_decode(std::string_view text);

}  // namespace charon
