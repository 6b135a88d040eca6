#include "examples/test-app/work.hpp"

namespace charon::test_app {

std::uint64_t work(std::uint64_t rounds) {
  static volatile std::uint64_t sink = 0;
  std::uint64_t x = 0x9e3779b97f4a7c15;
  for (std::uint64_t i = 0; i < rounds * 6'000; ++i) {  // xorshift64 (Marsaglia 2003): a chain that does not vectorise
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  sink = sink + x;
  return x;
}

}  // namespace charon::test_app
