#pragma once
/// The rivals by name: as documented, and calibrated copies (calibrated.hpp). Kayenta each minute is a misuse and is named so.
#include "tests/bench/release_regression/column.hpp"

namespace charon::bench {

std::span<const NamedColumn> rival_columns();

}  // namespace charon::bench
