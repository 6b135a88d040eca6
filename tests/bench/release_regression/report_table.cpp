#include "tests/bench/release_regression/report_table.hpp"

#include "tests/bench/release_regression/report_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

struct Counted {
  std::int64_t events = 0, trials = 0;
  void add(std::int64_t more_events, std::int64_t more_trials) {
    events += more_events;
    trials += more_trials;
  }
  double share() const { return trials > 0 ? static_cast<double>(events) / static_cast<double>(trials) : 0; }
};

std::string per_thousand(const Counted& counted) {
  return fmt::format("{:.4g} ({})", 1000 * counted.share(), counted.trials);
}

std::string scrapes(double delay) { return std::isfinite(delay) ? fmt::format("{:g}", delay) : "-"; }

/// The model by phi in layout A with history; every other world, layout and load pooled over phi.
std::string row_of(const HealthyResult& r) {
  std::string row = fmt::format("{} {}{}", r.world, r.layout, r.history ? "" : ", no history");
  if (r.requests_per_second != 100) row += fmt::format(" {:g}/s", r.requests_per_second);
  else if (r.world == "model" && r.layout == "A" && r.history) row += fmt::format(" phi {:g}", r.phi);
  return row;
}

using Sums = std::map<std::string, Counted>;

}  // namespace

std::string report_table(const Results& results) {
  const std::vector<std::string> names = ordered_columns(results);
  Table healthy, passed, traps, delays, ambiguous;
  std::string notes;
  for (const std::string& name : names) {
    const ColumnResults& column = results.columns.at(name);
    Sums rolled_back, passes;
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
  out += ambiguous.print("Unidentifiable: cause named/held/rolled back", names);
  return out + notes;
}

std::string report_targets(const Results& results, const std::string& name) {
  const auto found = results.columns.find(name);
  if (found == results.columns.end()) return {};
  const ColumnResults& column = found->second;
  std::string misses;
  Counted healthy, traps;
  for (const HealthyResult& r : column.healthy) {
    if (r.world == "phi99") continue;  // reported only
    healthy.add(r.false_rollbacks, r.releases);
    const Rate rate = clopper_pearson(r.false_rollbacks, r.releases);
    if (r.false_rollbacks > 0 && rate.share > 1e-3) {
      misses += fmt::format("  healthy {} rps {:g} phi {:g}: {} of {} rolled back, at most {:.2g} per 1,000 at 95%\n", row_of(r),
                            r.requests_per_second, r.phi, r.false_rollbacks, r.releases, 1000 * rate.upper);
    }
  }
  for (const TrapResult& r : column.traps) {
    traps.add(r.rollbacks, r.releases);
    if (r.rollbacks > 2) misses += fmt::format("  trap {}: {} of {} rolled back\n", r.name, r.rollbacks, r.releases);
  }
  std::size_t cells = 0, eligible = 0, met = 0, unfit = 0, met_with_tolerance = 0;
  const auto oracle = results.columns.find("oracle"), tolerant = results.columns.find("oracle_tolerance");
  for (const FaultResult& r : column.faults) {
    if (oracle == results.columns.end() || !has_target(r)) continue;
    const FaultResult* best = same_fault(oracle->second, r);
    if (best == nullptr) continue;
    ++cells;
    if (!qualifies(*best)) {
      ++unfit;
      continue;
    }
    ++eligible;
    const FaultResult* with_tolerance = tolerant == results.columns.end() ? nullptr : same_fault(tolerant->second, r);
    if (with_tolerance != nullptr && delay_target(r, *with_tolerance).met()) ++met_with_tolerance;
    const DelayTarget target = delay_target(r, *best);
    if (target.met()) {
      ++met;
      continue;
    }
    misses += fmt::format("  {} {} at {} {} phi {:g} {:g}/s: median {} (at most {:g}), p90 {} (at most {:g}), {} of {} detected\n",
                          r.name, r.size, r.onset, r.devices, r.phi, r.requests_per_second, scrapes(r.median), target.median,
                          scrapes(r.p90), target.p90, r.detected, r.runs);
  }
  std::string out = fmt::format("{}: {} of {} healthy releases rolled back (all cells but phi99), {} of {} traps\n", name,
                                healthy.events, healthy.trials, traps.events, traps.trials);
  if (cells > 0) {
    out += fmt::format("{}: delay target met in {} of {} fault cells; {} of {} leave no room by the oracle\n", name, met, eligible,
                       unfit, cells);
    if (tolerant != results.columns.end())
      out += fmt::format("{}: by the oracle whose null includes the tolerance, as its own does, in {} of {}\n", name, met_with_tolerance, eligible);
  }
  return out + misses;
}

}  // namespace charon::bench
