#include "ctl/printable.hpp"

namespace charon::ctl {

std::string printable(std::string text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool c1 = byte(i) == 0xc2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0;
    text[kept++] = c1 || byte(i) < 0x20 || byte(i) == 0x7f ? ' ' : text[i];
    if (c1) ++i;
  }
  text.resize(kept);
  return text;
}

}  // namespace charon::ctl
