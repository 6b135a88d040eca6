#include "tests/bench/release_regression/report_statistics.hpp"
#include "tests/bench/release_regression/report_table.hpp"

#include <fmt/format.h>

namespace charon::bench {
namespace {

/// What is asked of Pass: healthy releases pass where that is possible, those with a fault that matters do not.
std::string pass_report(const Results& results, const std::string& name, std::string& misses) {
  const ColumnResults& column = results.columns.at(name);
  const auto oracle = results.columns.find("oracle_pass");
  std::size_t asked = 0, met = 0;
  for (const HealthyResult& r : column.healthy) {
    if (r.requests_per_second == too_few_requests && r.passed > 0)
      misses += fmt::format("  healthy {}: {} of {} pass on too few requests\n", row_of(r), r.passed, r.releases);
    const HealthyResult* best = oracle == results.columns.end() ? nullptr : same_world(oracle->second, r);
    if (best == nullptr || r.world == "phi99" || r.requests_per_second == too_few_requests) continue;
    const PassTarget target = pass_target(r, *best);
    if (!target.asked) continue;
    ++asked;
    if (target.met) {
      ++met;
      continue;
    }
    const std::string row = row_of(r), phi = row.find(" phi ") == row.npos ? fmt::format(" phi {:g}", r.phi) : std::string();
    misses += fmt::format("  healthy {}{}: {} of {} pass, oracle_pass {} of {}\n", row, phi, r.passed, r.releases, best->passed, best->releases);
  }
  Counted wrong;
  for (const FaultResult& r : column.faults) {
    if (!must_not_pass(r)) continue;
    wrong.add(r.wrong_pass, r.runs);
    if (static_cast<double>(r.wrong_pass) > 0.01 * static_cast<double>(r.runs))
      misses += fmt::format("  wrong pass: {} {} {} {}{} phi {:g} {:g}/s: {} of {}\n", r.name, r.size, r.devices, r.layout, r.history ? "" : ", no history", r.phi,
                            r.requests_per_second, r.wrong_pass, r.runs);
  }
  std::string out;
  if (asked > 0) out += fmt::format("{}: at least 90% of healthy releases pass in {} of {} cells where oracle_pass passes 95%\n", name, met, asked);
  if (wrong.trials > 0) {
    const Rate rate = clopper_pearson(wrong.events, wrong.trials);
    out += fmt::format("{}: {} of {} releases with a fault that just matters from the start pass, at most {:.2g}% at 95%\n", name,
                       wrong.events, wrong.trials, 100 * rate.upper);
  }
  return out;
}

}  // namespace

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
  for (const AmbiguousResult& r : column.ambiguous)
    if (r.cause_named < r.releases)
      misses += fmt::format("  ambiguous {}: held with the cause named in {} of {}; {} passed, {} inconclusive ({} with the cause named), {} rolled back\n", r.name,
                            r.cause_named, r.releases, r.passed, r.inconclusive, r.inconclusive_named, r.rollbacks);
  std::string out = fmt::format("{}: {} of {} healthy releases rolled back (all cells but phi99){}; {} of {} traps\n", name, healthy.events, healthy.trials,
                                healthy.trials > 0 ? fmt::format(", at most {:.2g} per 1,000 at 95%", 1000 * clopper_pearson(healthy.events, healthy.trials).upper) : "",
                                traps.events, traps.trials);
  std::string pass_misses;
  out += pass_report(results, name, pass_misses);
  misses.insert(0, pass_misses);
  if (cells > 0) {
    out += fmt::format("{}: delay target met in {} of {} fault cells; {} of {} leave no room by the oracle\n", name, met, eligible,
                       unfit, cells);
    if (tolerant != results.columns.end())
      out += fmt::format("{}: by the oracle whose null includes the tolerance, as its own does, in {} of {}\n", name, met_with_tolerance, eligible);
  }
  return out + misses;
}

}  // namespace charon::bench
