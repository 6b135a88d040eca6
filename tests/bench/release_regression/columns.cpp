#include "tests/bench/release_regression/charon_column.hpp"
#include "tests/bench/release_regression/column.hpp"
#include "tests/bench/release_regression/oracle.hpp"
#include "tests/bench/release_regression/rival_columns.hpp"

namespace charon::bench {

std::span<const NamedColumn> all_columns() {
  static const std::vector<NamedColumn> all = [] {
    std::vector<NamedColumn> columns = {
        {"charon", make_charon, false},
        {"oracle", make_oracle, true},
        {"oracle_tolerance", make_oracle_tolerance, true},
        {"oracle_told", make_oracle_told, true},
        {"oracle_pass", make_oracle_pass, true},
    };
    columns.insert(columns.end(), rival_columns().begin(), rival_columns().end());
    return columns;
  }();
  return all;
}

}  // namespace charon::bench
