#pragma once
#include <cstdint>

namespace charon::test_app {

/// Real processor work: `rounds` times about 10 microseconds on a processor of 2020. The result depends on all of it,
/// so that no compiler leaves it out.
std::uint64_t work(std::uint64_t rounds);

}  // namespace charon::test_app
