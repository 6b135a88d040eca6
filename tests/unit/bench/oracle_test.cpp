#include "tests/bench/release_regression/oracle.hpp"

#include "tests/bench/release_regression/oracle_counts.hpp"
#include "tests/bench/release_regression/oracle_levels.hpp"
#include "tests/bench/release_regression/oracle_reading.hpp"
#include "tests/bench/release_regression/runner.hpp"
#include "tests/bench/release_regression/world.hpp"

#include <boost/math/distributions/negative_binomial.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>

namespace charon::bench {
namespace {

constexpr double pod_spread = 0.1, node_spread = 0.2, sd = 0.3;

struct Observation {
  bool candidate;
  std::size_t pod;
  int step;
  double y;
};

/// log LR of adding `effect` to the observations' means, by the dense joint Gaussian.
double dense_log_ratio(const std::vector<Observation>& all, const std::vector<double>& effect, double phi) {
  const std::size_t n = all.size();
  std::vector<std::vector<double>> l(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const Observation &a = all[i], &b = all[j];
      double covariance = 1e5;  // of the common mean: as good as flat
      if (a.pod == b.pod) covariance += node_spread * node_spread;  // pod p runs on node p
      if (a.pod == b.pod && a.candidate == b.candidate) covariance += pod_spread * pod_spread + sd * sd * std::pow(phi, std::abs(a.step - b.step));
      l[i][j] = covariance;
    }
  for (std::size_t j = 0; j < n; ++j)  // Cholesky
    for (std::size_t i = j; i < n; ++i) {
      double sum = l[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      l[i][j] = i == j ? std::sqrt(sum) : sum / l[j][j];
    }
  const auto solve = [&](std::vector<double> b) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < i; ++k) b[i] -= l[i][k] * b[k];
      b[i] /= l[i][i];
    }
    return b;
  };
  std::vector<double> y;
  for (const Observation& o : all) y.push_back(o.y);
  const auto wy = solve(y), wf = solve(effect);
  double u = 0, q = 0;
  for (std::size_t i = 0; i < n; ++i) {
    u += wf[i] * wy[i];
    q += wf[i] * wf[i];
  }
  return u - q / 2;
}

Cell cell_of(const Scenario& scenario, CellKind kind, int releases, double phi = 0.5, double rate = 100) {
  Cell cell;
  cell.kind = kind;
  cell.scenario = scenario;
  cell.phis = {phi};
  cell.requests_per_second = rate;
  cell.releases = releases;
  cell.name = "test/" + scenario.name + scenario.size;
  return cell;
}

Scenario fault_of(std::string_view name, std::string_view text, int onset, bool one) {
  for (const FaultSize& size : fault_sizes())
    if (size.fault == name && size.text == text) return fault(size, onset, one);
  BOOST_FAIL("no fault " << name << text);
  return {};
}

BOOST_AUTO_TEST_SUITE(benchmark_oracle)

BOOST_AUTO_TEST_CASE(evidence_in_a_level_is_the_marginal_likelihood_ratio) {
  for (const double phi : {0.0, 0.8}) {
    LevelEvidence evidence(pod_spread, node_spread, {{0.5}, {200}, {}, {}});
    evidence.begin(phi);
    Random random(7);
    std::vector<Observation> all;
    const auto observe = [&](bool candidate, std::size_t pod, int step, double effect) {
      const double y = 3 + 0.2 * static_cast<double>(pod) + sd * random.normal() + effect;
      all.push_back({candidate, pod, step, y});
      if (candidate) evidence.observe_candidate(pod, step, y, sd * sd);
      else evidence.observe_stable(pod, pod, step, y, sd * sd);
    };
    for (int step = 0; step < 5; ++step)
      for (std::size_t pod = 0; pod < 2; ++pod) observe(false, pod, step, 0);  // the third node was never seen
    evidence.prepare();
    for (int index = 0; index < 9; ++index) {
      evidence.start_of(index);
      for (std::size_t pod = 0; pod < 3; ++pod)
        if (index != 5 || pod != 1) observe(true, pod, index, 0.2);  // a lost scrape before the onset
      evidence.prepare();
    }
    for (const int onset : {0, 1})
      for (std::size_t scope = 0; scope < scopes; ++scope) {
        std::vector<double> shift, trend;
        for (const Observation& o : all) {
          const int lag = o.step - onset * onset_grid;
          const bool hit = o.candidate && lag >= 0 && (scope == oracle_pods || scope == o.pod);
          shift.push_back(hit ? 0.5 : 0);
          trend.push_back(hit ? std::log1p(200 * lag * scrape_seconds / 3600) : 0);
        }
        BOOST_TEST(evidence.log_shift(0.5, onset, scope) == dense_log_ratio(all, shift, phi), boost::test_tools::tolerance(1e-3));
        BOOST_TEST(evidence.log_trend(0, onset, scope) == dense_log_ratio(all, trend, phi), boost::test_tools::tolerance(1e-3));
      }
  }
}

BOOST_AUTO_TEST_CASE(evidence_waiting_for_its_onset_counts_as_one) {
  LevelEvidence evidence(pod_spread, node_spread, {{0.5, 1}, {2}, {2, 4, 16}, {}});
  evidence.begin(0.5);
  BOOST_TEST(evidence.mixture() == 6, boost::test_tools::tolerance(1e-9));
  OnsetSums<3> sums;
  BOOST_TEST(sums.mixture(3) == 3, boost::test_tools::tolerance(1e-9));
  sums.start_of(0);
  sums.add(1, 0, std::log(9.0));  // pod 1, from the start: alone, and within all devices
  BOOST_TEST(sums.mixture(3) == 3 + 0.5 * (0.5 / 3 + 0.5) * 8, boost::test_tools::tolerance(1e-9));
  sums.add(1, 2, std::log(9.0));
  BOOST_TEST(sums.mixture(1, 2) == 1, boost::test_tools::tolerance(1e-9));  // against what is as likely
}

BOOST_AUTO_TEST_CASE(negative_binomial_up_to_a_constant) {
  const double cv2 = 0.09, k = 1 / cv2;
  const auto exact = [&](double count, double mean) { return std::log(pdf(boost::math::negative_binomial(k, k / (k + mean)), count)); };
  for (const double count : {0.0, 1.0, 7.0, 300.0})
    BOOST_TEST(log_negative_binomial(count, 50, cv2) - log_negative_binomial(count, 5, cv2) == exact(count, 50) - exact(count, 5),
               boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(medians_read_from_buckets_have_no_bias_and_the_stated_variance) {
  const Model model;
  const HistogramModel& m = model.histograms[0];
  const HistogramTable table(m.median, m.sigma, default_bounds());
  const ShiftReader reader(m.median, m.sigma, default_bounds());
  for (const double count : {4.0, 2000.0}) {
    Random random(3);
    double sum = 0, standard = 0;
    const int n = 4000;
    for (int i = 0; i < n; ++i) {
      std::array<double, buckets> bucket{}, counts{};
      table.draw(count, 0.1, random, bucket.data());
      for (std::size_t k = 0; k < buckets; ++k) counts[k] = bucket[k] - (k > 0 ? bucket[k - 1] : 0);
      const auto shift = reader.read(counts, count < 10 ? 0.1 : 0);  // a few are read where they are expected
      sum += (shift.y - 0.1) / std::sqrt(shift.variance);
      standard += (shift.y - 0.1) * (shift.y - 0.1) / shift.variance;
    }
    BOOST_TEST(std::abs(sum / n) < 0.07);
    BOOST_TEST(standard / n == 1, boost::test_tools::tolerance(0.1));
  }
}

BOOST_AUTO_TEST_CASE(healthy_releases_raise_no_alarm_and_faults_do_soon) {
  RunOptions options;
  options.columns = {{"oracle", make_oracle}, {"told", make_oracle_told}};
  const std::vector<Cell> cells = {
      cell_of(healthy_worlds().front(), CellKind::healthy, 24, 0.8),
      cell_of(fault_of("errors", "+5%", 120, true), CellKind::fault, 6),
      cell_of(fault_of("latency", "x1.5", 0, false), CellKind::fault, 6),
      cell_of(fault_of("leak", "+200%/h", 120, false), CellKind::fault, 6),
      cell_of(fault_of("variance", "x16", 0, false), CellKind::fault, 6),
      cell_of(fault_of("restarts", "each 1 min", 120, false), CellKind::fault, 6),
  };
  const Results results = run(cells, options);
  for (const auto& [name, column] : results.columns) {
    BOOST_TEST(column.healthy.front().false_rollbacks == 0);  // expected at most 0.024
    for (const FaultResult& fault : column.faults) {
      BOOST_TEST(fault.detected == 6, name << ": " << fault.name);
      BOOST_TEST(fault.median < (fault.name == "leak" ? 40 : fault.name == "restarts" ? 30 : 12), name << ": " << fault.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_null_that_includes_the_tolerance_forgives_harmless_changes_and_finds_faults_later) {
  RunOptions options;
  options.columns = {{"oracle", make_oracle}, {"tolerant", make_oracle_tolerance}};
  const auto harmless = std::find_if(healthy_worlds().begin(), healthy_worlds().end(), [](const Scenario& s) { return s.name == "harmless"; });
  const Results results = run({cell_of(*harmless, CellKind::healthy, 8), cell_of(fault_of("errors", "+1%", 0, true), CellKind::fault, 9),
                               cell_of(fault_of("level", "x2", 120, true), CellKind::fault, 9)}, options);
  const ColumnResults &oracle = results.columns.at("oracle"), &tolerant = results.columns.at("tolerant");
  BOOST_TEST(oracle.healthy[0].false_rollbacks == 8);
  BOOST_TEST(tolerant.healthy[0].false_rollbacks == 0);
  BOOST_TEST(tolerant.faults[0].median > 2 * oracle.faults[0].median);
  BOOST_TEST(tolerant.faults[1].median <= oracle.faults[1].median + 1);
}

BOOST_AUTO_TEST_CASE(pass_needs_traffic_and_health) {
  RunOptions options;
  options.columns = {{"pass", make_oracle_pass}};
  const Results results = run({cell_of(healthy_worlds().front(), CellKind::healthy, 12), cell_of(healthy_worlds().front(), CellKind::healthy, 4, 0.5, 0.1),
                               cell_of(fault_of("errors", "+1%", 0, true), CellKind::fault, 6), cell_of(fault_of("latency", "x1.2", 0, true), CellKind::fault, 6)},
                              options);
  const ColumnResults& pass = results.columns.at("pass");
  BOOST_TEST(pass.healthy[0].passed >= 10);
  BOOST_TEST(pass.healthy[1].passed == 0);
  BOOST_TEST(pass.faults[0].wrong_pass == 0);
  BOOST_TEST(pass.faults[1].wrong_pass == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::bench
