#include "tests/bench/release_regression/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>
#include <set>

namespace charon::bench {
namespace {

/// Decides by the numbers it is shown: another order, another stream or anything kept from before would change that.
class Fickle : public Column {
 public:
  void begin(const Setting&) override { sum_ = 0; }
  Decision scrape(const FleetScrape& fleet) override {
    for (const PodScrape& pod : fleet.pods)
      if (!pod.lost) sum_ += pod.values[4] + pod.values[pod.values.size() - 3];
    Decision d;
    const double part = sum_ / 1000 - std::floor(sum_ / 1000);
    if (part < 0.002) d.verdict = Verdict::rollback;
    else if (part < 0.01) d.verdict = Verdict::pass;
    else if (part < 0.03) d.verdict = Verdict::hold;
    return d;
  }

 private:
  double sum_ = 0;
};

/// Rolls back, passes, holds or names a cause at a scrape, every time.
template <Verdict V, int At>
class Stubborn : public Column {
 public:
  void begin(const Setting&) override {}
  Decision scrape(const FleetScrape& fleet) override {
    Decision d;
    if (fleet.index + 1 != At) return d;  // also of the stable release, where no decision counts
    d.verdict = V;
    d.cause = "node";
    return d;
  }
};

/// The evidence is there at 30, the time at 90.
class Patient : public Column {
 public:
  void begin(const Setting&) override {}
  Decision scrape(const FleetScrape& fleet) override {
    Decision d;
    d.evidence_passes = fleet.index + 1 >= 30;
    if (fleet.index + 1 == 90) d.verdict = Verdict::pass;
    return d;
  }
};

template <class C>
std::unique_ptr<Column> make() { return std::make_unique<C>(); }

Cell cell_of(CellKind kind, Scenario scenario, int releases) {
  Cell cell;
  cell.kind = kind;
  cell.scenario = std::move(scenario);
  cell.phis = {0, 0.8};
  cell.releases = releases;
  cell.name = "test/" + cell.scenario.name;
  cell.layout = Layout::recreate;  // the cheapest
  cell.history = false;
  return cell;
}

Scenario late_fault() { return fault(fault_sizes().front(), 120, false); }

BOOST_AUTO_TEST_SUITE(benchmark_runner)

BOOST_AUTO_TEST_CASE(results_do_not_depend_on_the_number_of_threads) {
  const std::vector<Cell> cells = {cell_of(CellKind::healthy, healthy_worlds().front(), 20), cell_of(CellKind::fault, late_fault(), 20)};
  RunOptions options;
  options.columns = {{"fickle", make<Fickle>}};
  const auto describe = [&](int threads, std::uint64_t seed) {
    options.threads = threads;
    options.seed = seed;
    const ColumnResults results = run(cells, options).columns.at("fickle");
    std::vector<double> all = results.faults.front().delays;
    all.push_back(static_cast<double>(results.healthy.front().false_rollbacks));
    all.push_back(static_cast<double>(results.healthy.front().passed));
    all.push_back(results.healthy.front().median_to_pass);
    return all;
  };
  const auto one = describe(1, 1);
  BOOST_TEST(one == describe(3, 1), boost::test_tools::per_element());
  BOOST_TEST((one != describe(1, 2)));
}

BOOST_AUTO_TEST_CASE(decisions_are_counted_as_what_they_are) {
  RunOptions options;
  options.threads = 1;
  options.columns = {{"early", make<Stubborn<Verdict::rollback, 120>>}, {"at_once", make<Stubborn<Verdict::rollback, 121>>},
                     {"pass", make<Stubborn<Verdict::pass, 200>>},      {"hold", make<Stubborn<Verdict::hold, 100>>},
                     {"patient", make<Patient>},                        {"unsure", make<Stubborn<Verdict::none, candidate_scrapes>>},
                     {"once", make<Stubborn<Verdict::none, 100>>},
                     {"slow", make<Stubborn<Verdict::rollback, 50>>, true}};
  options.slow_releases = 2;
  Scenario ambiguous = unidentifiable().front();
  const Results results = run({cell_of(CellKind::healthy, healthy_worlds().front(), 3), cell_of(CellKind::fault, late_fault(), 3),
                               cell_of(CellKind::trap, traps().front(), 3), cell_of(CellKind::ambiguous, ambiguous, 3)},
                              options);
  const auto& early = results.columns.at("early");
  BOOST_TEST(early.healthy.front().false_rollbacks == 3);
  BOOST_TEST(early.faults.front().detected == 0);
  BOOST_TEST(early.faults.front().early == 3);
  BOOST_TEST(early.faults.front().median == never);
  BOOST_TEST(early.traps.front().rollbacks == 3);
  BOOST_TEST(results.columns.at("at_once").faults.front().median == 1);  // the first scrape that shows it
  BOOST_TEST(results.columns.at("at_once").faults.front().detected == 3);
  const auto& pass = results.columns.at("pass");
  BOOST_TEST(pass.healthy.front().passed == 3);
  BOOST_TEST(pass.healthy.front().median_to_pass == 200);
  BOOST_TEST(pass.healthy.front().evidence_to_pass == 200);
  BOOST_TEST(results.columns.at("patient").healthy.front().median_to_pass == 90);
  BOOST_TEST(results.columns.at("patient").healthy.front().evidence_to_pass == 30);
  BOOST_TEST(pass.faults.front().wrong_pass == 3);
  const auto& hold = results.columns.at("hold");
  BOOST_TEST(hold.healthy.front().inconclusive == 3);
  BOOST_TEST(hold.healthy.front().held == 3);
  BOOST_TEST(hold.ambiguous.front().held == 3);
  BOOST_TEST(hold.ambiguous.front().cause_named == 3);
  BOOST_TEST(hold.ambiguous.front().inconclusive_named == 0);
  const auto& unsure = results.columns.at("unsure").ambiguous.front();
  BOOST_TEST(unsure.cause_named == 0);
  BOOST_TEST(unsure.inconclusive_named == 3);
  BOOST_TEST(results.columns.at("once").ambiguous.front().inconclusive_named == 0);
  BOOST_TEST(results.columns.at("slow").healthy.front().releases == 2);
}

BOOST_AUTO_TEST_CASE(cells_have_names_of_their_own_and_can_be_chosen_by_them) {
  for (const bool quick : {false, true}) {
    CellOptions options;
    options.quick = quick;
    std::set<std::string> names;
    std::set<std::string> faults, worlds;
    const auto cells = make_cells(options);
    for (const Cell& cell : cells) {
      names.insert(cell.name);
      if (cell.kind == CellKind::fault) faults.insert(cell.scenario.name + cell.scenario.size);
      if (cell.kind == CellKind::healthy) worlds.insert(cell.scenario.name);
    }
    BOOST_TEST(names.size() == cells.size());
    BOOST_TEST(faults.size() == fault_sizes().size());
    BOOST_TEST(worlds.size() == healthy_worlds().size() + few_stable_worlds().size() + 1);  // phi99
  }
  CellOptions options;
  options.quick = true;
  std::map<std::string, std::set<double>> sampled;
  for (const Cell& cell : make_cells(options)) {
    if (cell.kind != CellKind::fault) continue;
    sampled["onset"].insert(cell.scenario.onset);
    sampled["devices"].insert(cell.scenario.one_device);
    sampled["phi"].insert(cell.phi(0));
  }
  BOOST_TEST(sampled["onset"].size() == 2U);
  BOOST_TEST(sampled["devices"].size() == 2U);
  BOOST_TEST(sampled["phi"].size() == 4U);
  options = {};
  options.only = "^healthy/few_stable/";
  BOOST_TEST(make_cells(options).size() == 2 * few_stable_worlds().size());
  options.only = "^traps/";
  BOOST_CHECK_EXCEPTION(make_cells(options), std::invalid_argument,
                        [](const auto& e) { return std::string_view(e.what()).find("^traps/") != std::string_view::npos; });
  options = {};
  options.only = "^trap/";
  options.releases = 7;
  const auto cells = make_cells(options);
  BOOST_TEST(cells.size() == traps().size());
  BOOST_TEST(cells.front().releases == 7);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::bench
