#pragma once
#include <string>
#include <string_view>

namespace charon::coordinator {

/// SHA-256 of a token (32 bytes, not text): what caches know it by.
std::string token_hash(std::string_view token);

}  // namespace charon::coordinator
