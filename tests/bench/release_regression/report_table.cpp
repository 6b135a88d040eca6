#include "tests/bench/release_regression/report_table.hpp"

#include "tests/bench/release_regression/report_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::bench {
namespace {

constexpr std::size_t columns_a_block = 7;

/// A cell's text by row and column; rows keep the order in which they come first.
class Table {
 public:
  void set(const std::string& row, const std::string& column, std::string text) {
    if (std::find(rows_.begin(), rows_.end(), row) == rows_.end()) rows_.push_back(row);
    cells_[{row, column}] = std::move(text);
  }
  std::string print(std::string_view title, const std::vector<std::string>& columns) const {
    std::string out;
    if (rows_.empty()) return out;
    std::size_t first = 0;
    for (const std::string& row : rows_) first = std::max(first, row.size());
    for (std::size_t from = 0; from < columns.size(); from += columns_a_block) {
      const std::size_t to = std::min(columns.size(), from + columns_a_block);
      out += fmt::format("{}{}\n{:<{}}", title, from == 0 ? "" : " (continued)", "", first);
      for (std::size_t i = from; i < to; ++i) out += fmt::format("  {:>{}}", columns[i], width(columns[i]));
      out += '\n';
      for (const std::string& row : rows_) {
        out += fmt::format("{:<{}}", row, first);
        for (std::size_t i = from; i < to; ++i) {
          const auto cell = cells_.find({row, columns[i]});
          out += fmt::format("  {:>{}}", cell == cells_.end() ? "" : cell->second, width(columns[i]));
        }
        out += '\n';
      }
      out += '\n';
    }
    return out;
  }

 private:
  static std::size_t width(const std::string& column) { return std::max<std::size_t>(column.size(), 14); }
  std::vector<std::string> rows_;
  std::map<std::pair<std::string, std::string>, std::string> cells_;
};

std::string per_thousand(const Counted& counted) {
  return fmt::format("{:.4g} ({})", 1000 * counted.share(), counted.trials);
}

using Sums = std::map<std::string, Counted>;

}  // namespace

std::string report_table(const Results& results) {
  const std::vector<std::string> names = ordered_columns(results);
  Table healthy, passed, traps, delays, wrong, ambiguous;
  std::string notes;
  for (const std::string& name : names) {
    const ColumnResults& column = results.columns.at(name);
    Sums rolled_back, passes, wrong_passes;
    const auto row_of_fault = [](const FaultResult& r) { return fmt::format("{} {} {}", r.name, r.size, r.devices); };
    for (const HealthyResult& r : column.healthy) {
      rolled_back[row_of(r)].add(r.false_rollbacks, r.releases);
      passes[row_of(r)].add(r.passed, r.releases);
    }
    for (const HealthyResult& r : column.healthy) {  // in the order of the cells
      healthy.set(row_of(r), name, per_thousand(rolled_back[row_of(r)]));
      passed.set(row_of(r), name, fmt::format("{:.1f}%", 100 * passes[row_of(r)].share()));
    }
    for (const TrapResult& r : column.traps) traps.set(r.name + ' ' + r.layout, name, fmt::format("{} of {}", r.rollbacks, r.releases));
    for (const FaultResult& r : column.faults) {
      if (!has_target(r) || r.requests_per_second != 100) continue;
      const double share = static_cast<double>(r.detected) / static_cast<double>(std::max<std::int64_t>(r.runs, 1));
      delays.set(fmt::format("{} {} at {} {} phi {:g}", r.name, r.size, r.onset, r.devices, r.phi), name,
                 fmt::format("{}/{} {:.0f}%", scrapes(r.median), scrapes(r.p90), 100 * share));
    }
    const auto has_wrong_pass = [](const FaultResult& r) { return deciding_from_start(r) && has_target(r) && r.requests_per_second == 100; };
    for (const FaultResult& r : column.faults)
      if (has_wrong_pass(r)) wrong_passes[row_of_fault(r)].add(r.wrong_pass, r.runs);
    for (const FaultResult& r : column.faults)
      if (has_wrong_pass(r)) wrong.set(row_of_fault(r), name, fmt::format("{} of {}", wrong_passes[row_of_fault(r)].events, wrong_passes[row_of_fault(r)].trials));
    for (const AmbiguousResult& r : column.ambiguous) {
      ambiguous.set(r.name + ' ' + r.layout, name, fmt::format("{}/{}/{} of {}", r.cause_named, r.held, r.rollbacks, r.releases));
    }
    if (!column.note.empty()) notes += fmt::format("{}: {}\n", name, column.note);
  }
  std::string out = fmt::format("seed {}{}, {:.0f} s\n\n", results.seed, results.quick ? ", quick" : "", results.seconds);
  out += healthy.print("False rollbacks per 1,000 healthy releases (releases)", names);
  out += passed.print("Healthy releases that pass", names);
  out += traps.print("Traps: rollbacks", names);
  out += delays.print("Faults, layout A with history, 100 requests/s: median/p90 delay in scrapes, detected", names);
  out += wrong.print("Wrong passes: faults from the start, layout A with history, 100 requests/s, all phi", names);
  out += ambiguous.print("Unidentifiable: cause named/held/rolled back", names);
  return out + notes;
}

}  // namespace charon::bench
