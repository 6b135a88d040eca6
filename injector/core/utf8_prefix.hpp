#pragma once
/// Text of outside cut to a bound, at a character's border: half a UTF-8 sequence is not JSON.
#include <string>
#include <string_view>

namespace charon::injector {

inline std::string utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes));
}

}  // namespace charon::injector
