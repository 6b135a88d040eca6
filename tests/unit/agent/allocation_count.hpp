#pragma once
/// How often this program called operator new: for tests that something allocates nothing.
#include <cstddef>

namespace charon::agent {

std::size_t allocation_count();

}  // namespace charon::agent
