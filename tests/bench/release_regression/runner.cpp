#include "tests/bench/release_regression/runner.hpp"

#include "tests/bench/release_regression/world.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

namespace charon::bench {
namespace {

constexpr int chunk = 8;  // releases that a thread takes at a time

using Outcomes = std::vector<std::vector<Outcome>>;  // [column][release]

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return never;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

HealthyResult healthy_result(const Cell& cell, const std::vector<Outcome>& outcomes) {
  HealthyResult r;
  r.world = cell.scenario.name;
  r.layout = letter(cell.layout);
  r.history = cell.history;
  r.phi = cell.phis.front();
  r.requests_per_second = cell.requests_per_second;
  std::vector<double> to_pass, evidence_to_pass;
  for (const Outcome& o : outcomes) {
    ++r.releases;
    to_pass.push_back(o.passed > 0 ? o.passed : never);
    evidence_to_pass.push_back(o.evidence_passed > 0 ? o.evidence_passed : never);
    if (o.rolled_back > 0) ++r.false_rollbacks;
    else if (o.passed > 0) ++r.passed;
    else ++r.inconclusive;
    if (o.rolled_back == 0 && o.passed == 0 && o.held > 0) ++r.held;
  }
  r.median_to_pass = quantile(to_pass, 0.5);
  r.evidence_to_pass = quantile(evidence_to_pass, 0.5);
  return r;
}

TrapResult trap_result(const Cell& cell, const std::vector<Outcome>& outcomes) {
  TrapResult r;
  r.name = cell.scenario.name;
  r.layout = letter(cell.layout);
  for (const Outcome& o : outcomes) {
    ++r.releases;
    if (o.rolled_back > 0) ++r.rollbacks;
    else if (o.passed > 0) ++r.passed;
    else if (o.held > 0) ++r.held;
  }
  return r;
}

FaultResult fault_result(const Cell& cell, const std::vector<Outcome>& outcomes) {
  FaultResult r;
  r.name = cell.scenario.name;
  r.size = cell.scenario.size;
  r.onset = cell.scenario.onset;
  r.layout = letter(cell.layout);
  r.devices = cell.scenario.one_device ? "one" : "all";
  r.history = cell.history;
  r.phi = cell.phis.front();
  r.requests_per_second = cell.requests_per_second;
  for (const Outcome& o : outcomes) {
    ++r.runs;
    const int delay = o.rolled_back - r.onset;
    const bool early = o.rolled_back > 0 && delay <= 0, detected = o.rolled_back > 0 && delay > 0;
    if (early) ++r.early;
    if (detected) ++r.detected;
    // What passed before a late fault was no mistake: Pass says "no effect up to now".
    if (o.passed > r.onset) ++r.wrong_pass;
    r.delays.push_back(detected ? delay : never);
  }
  r.median = quantile(r.delays, 0.5);
  r.p90 = quantile(r.delays, 0.9);
  return r;
}

AmbiguousResult ambiguous_result(const Cell& cell, const std::vector<Outcome>& outcomes) {
  AmbiguousResult r;
  r.name = cell.scenario.name;
  r.layout = letter(cell.layout);
  for (const Outcome& o : outcomes) {
    ++r.releases;
    if (o.rolled_back > 0) ++r.rollbacks;
    else if (o.held > 0) ++r.held;
    else if (o.passed > 0) ++r.passed;
    else if (++r.inconclusive; o.inconclusive_named) ++r.inconclusive_named;
    if (o.rolled_back == 0 && o.held > 0 && o.cause_named) ++r.cause_named;
  }
  return r;
}

void add_result(ColumnResults& results, const Cell& cell, const std::vector<Outcome>& outcomes) {
  switch (cell.kind) {
    case CellKind::healthy: results.healthy.push_back(healthy_result(cell, outcomes)); break;
    case CellKind::trap: results.traps.push_back(trap_result(cell, outcomes)); break;
    case CellKind::fault: results.faults.push_back(fault_result(cell, outcomes)); break;
    case CellKind::ambiguous: results.ambiguous.push_back(ambiguous_result(cell, outcomes)); break;
  }
}

}  // namespace

std::vector<Outcome> run_release(World& world, const Cell& cell, int index, std::uint64_t seed, const std::vector<Column*>& columns) {
  Model model;
  model.phi = cell.phi(index);
  model.requests_per_second = cell.requests_per_second;
  if (cell.scenario.error_ratio >= 0) model.error_ratio = cell.scenario.error_ratio;
  world.begin(model, cell.scenario, cell.layout, cell.history, stream_of(seed, cell.name, static_cast<std::uint64_t>(index)));
  Setting setting;
  setting.layout = cell.layout;
  setting.history = cell.history;
  setting.phi = model.phi;
  setting.requests_per_second = cell.requests_per_second;
  setting.model = &model;
  setting.told = &cell.scenario;
  setting.told_device = world.device();
  for (Column* column : columns) column->begin(setting);

  std::vector<Outcome> outcomes(columns.size());
  const auto names_cause = [&](const Decision& decision) { return !decision.cause.empty() && decision.cause == cell.scenario.right_cause; };
  const auto take = [&](Outcome& o, const Decision& decision, int scrape) {
    if (decision.verdict == Verdict::rollback && o.rolled_back == 0) o.rolled_back = scrape;
    if (decision.verdict == Verdict::pass && o.passed == 0) o.passed = scrape;
    if ((decision.evidence_passes || decision.verdict == Verdict::pass) && o.evidence_passed == 0) o.evidence_passed = scrape;
    if (decision.verdict == Verdict::hold && o.held == 0) o.held = scrape;
    if (decision.verdict == Verdict::hold && names_cause(decision)) o.cause_named = true;
  };
  FleetScrape fleet;
  std::size_t judging = columns.size();
  while (judging > 0 && world.next(fleet))
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (outcomes[c].rolled_back > 0) continue;
      const Decision decision = columns[c]->scrape(fleet);
      if (fleet.phase == Phase::candidate) {
        take(outcomes[c], decision, fleet.index + 1);
        outcomes[c].inconclusive_named = decision.verdict == Verdict::none && names_cause(decision);
      }
      if (outcomes[c].rolled_back > 0) --judging;
    }
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (outcomes[c].rolled_back == 0) take(outcomes[c], columns[c]->end(), candidate_scrapes);
  return outcomes;
}

Results run(const std::vector<Cell>& cells, const RunOptions& options) {
  struct Task {
    std::size_t cell;
    int from, to;
  };
  std::vector<Task> tasks;
  std::vector<Outcomes> all(cells.size());
  std::vector<std::atomic<int>> left(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (int from = 0; from < cells[i].releases; from += chunk) tasks.push_back({i, from, std::min(from + chunk, cells[i].releases)});
    left[i] = (cells[i].releases + chunk - 1) / chunk;
    for (const NamedColumn& column : options.columns)
      all[i].emplace_back(static_cast<std::size_t>(column.slow ? std::min(cells[i].releases, options.slow_releases) : cells[i].releases));
  }
  std::atomic<std::size_t> next = 0, done = 0;
  std::mutex reporting;
  const auto work = [&] {
    World world;
    std::vector<std::unique_ptr<Column>> columns;
    for (const NamedColumn& column : options.columns) columns.push_back(column.make());
    std::vector<Column*> shown;
    std::vector<std::size_t> which;
    for (std::size_t t = next++; t < tasks.size(); t = next++) {
      const Task& task = tasks[t];
      for (int index = task.from; index < task.to; ++index) {
        shown.clear();
        which.clear();
        for (std::size_t c = 0; c < columns.size(); ++c)
          if (static_cast<std::size_t>(index) < all[task.cell][c].size()) {
            shown.push_back(columns[c].get());
            which.push_back(c);
          }
        const std::vector<Outcome> outcomes = run_release(world, cells[task.cell], index, options.seed, shown);
        for (std::size_t i = 0; i < which.size(); ++i) all[task.cell][which[i]][static_cast<std::size_t>(index)] = outcomes[i];
      }
      if (--left[task.cell] == 0 && options.progress) {
        const std::scoped_lock lock(reporting);
        options.progress(++done, cells.size(), cells[task.cell]);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < options.threads; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();

  Results results;
  results.seed = options.seed;
  for (std::size_t c = 0; c < options.columns.size(); ++c) {
    ColumnResults& column = results.columns[std::string(options.columns[c].name)];
    for (std::size_t i = 0; i < cells.size(); ++i) add_result(column, cells[i], all[i][c]);
  }
  return results;
}

}  // namespace charon::bench
