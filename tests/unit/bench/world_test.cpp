#include "tests/bench/release_regression/world.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>

namespace charon::bench {
namespace {

Model quiet() {  // nothing but what a test turns on
  Model m;
  m.day_amplitude = 0;
  m.lost = 0;
  m.jitter = 0;
  m.restarts_per_hour = 0;
  for (LevelModel& level : m.levels) level.start.amplitude = 0;
  for (HistogramModel& histogram : m.histograms) histogram.start.amplitude = 0;
  return m;
}

template <class See>
void simulate(const Model& model, const Scenario& scenario, Layout layout, bool history, std::uint64_t stream, See see) {
  World world;
  world.begin(model, scenario, layout, history, stream);
  FleetScrape fleet;
  while (world.next(fleet)) see(fleet);
}

std::size_t level_series(int metric) { return first_level_series + static_cast<std::size_t>(metric - first_gauge); }

struct Moments {
  double n = 0, sum = 0, squares = 0;
  void add(double x) {
    ++n;
    sum += x;
    squares += x * x;
  }
  double mean() const { return sum / n; }
  double variance() const { return squares / n - mean() * mean(); }
};

/// By release and pod: log of a gauge.
std::map<std::pair<int, int>, std::vector<double>> series_of(const Model& model, const Scenario& scenario, int metric, std::uint64_t stream,
                                                             bool history = false) {
  std::map<std::pair<int, int>, std::vector<double>> all;
  simulate(model, scenario, Layout::canary, history, stream, [&](const FleetScrape& fleet) {
    for (const PodScrape& pod : fleet.pods) all[{pod.release, pod.pod}].push_back(std::log(pod.values[level_series(metric)]));
  });
  return all;
}

BOOST_AUTO_TEST_SUITE(benchmark_world)

BOOST_AUTO_TEST_CASE(gauges_have_the_autocorrelation_and_deviation_of_the_model) {
  for (const double phi : {0.0, 0.5, 0.8, 0.95}) {
    Model model = quiet();
    model.phi = phi;
    LevelModel& m = model.levels[queue - first_gauge];
    m.pod_spread = m.node_spread = 0;
    double products = 0, squares = 0, n = 0;
    for (std::uint64_t stream = 0; stream < 6; ++stream)
      for (const auto& [pod, values] : series_of(model, healthy_worlds().front(), queue, stream))
        for (std::size_t i = 1; i < values.size(); ++i, ++n) {
          const double center = std::log(m.base);
          products += (values[i] - center) * (values[i - 1] - center);
          squares += (values[i] - center) * (values[i] - center);
        }
    BOOST_TEST(std::abs(products / squares - phi) < 0.03);
    BOOST_TEST(std::sqrt(squares / n) == m.sd, boost::test_tools::tolerance(0.12));
  }
}

BOOST_AUTO_TEST_CASE(pods_and_nodes_differ_as_much_as_the_model_says_and_nodes_stay) {
  Model model = quiet();
  LevelModel& m = model.levels[memory - first_gauge];
  m.sd = 1e-9;
  Moments pods, nodes;
  for (std::uint64_t stream = 0; stream < 150; ++stream) {
    const auto all = series_of(model, healthy_worlds().front(), memory, stream, true);
    for (int p = 0; p < pods_per_release; ++p) {
      Moments same_node;  // seven releases
      for (int release = -earlier_releases; release <= 1; ++release) same_node.add(all.at({release, p}).front() - std::log(m.base));
      pods.add(same_node.variance() * same_node.n / (same_node.n - 1));
      nodes.add(same_node.mean());
    }
  }
  BOOST_TEST(std::sqrt(pods.mean()) == m.pod_spread, boost::test_tools::tolerance(0.06));
  BOOST_TEST(std::sqrt(nodes.variance() - pods.mean() / 7) == m.node_spread, boost::test_tools::tolerance(0.12));
}

BOOST_AUTO_TEST_CASE(counts_are_over_dispersed_as_the_model_says) {
  Model model = quiet();
  model.requests_pod_spread = model.errors_pod_spread = model.errors_node_spread = 0;
  model.error_ratio = 0.02;
  Moments totals, errors_seen;
  std::map<int, std::pair<double, double>> last;
  for (std::uint64_t stream = 0; stream < 4; ++stream) {
    last.clear();
    simulate(model, healthy_worlds().front(), Layout::recreate, false, stream, [&](const FleetScrape& fleet) {
      for (const PodScrape& pod : fleet.pods) {
        if (pod.release != 0) continue;
        auto& [good, bad] = last[pod.pod];
        totals.add(pod.values[good_series] - good + pod.values[bad_series] - bad);
        errors_seen.add(pod.values[bad_series] - bad);
        good = pod.values[good_series];
        bad = pod.values[bad_series];
      }
    });
  }
  const double mean = model.requests_per_second * scrape_seconds, errors_mean = mean * model.error_ratio;
  const double total_cv2 = model.requests_cv * model.requests_cv, error_cv2 = model.errors_cv * model.errors_cv;
  BOOST_TEST(totals.mean() == mean, boost::test_tools::tolerance(0.01));
  BOOST_TEST(totals.variance() == mean + mean * mean * total_cv2, boost::test_tools::tolerance(0.06));
  BOOST_TEST(errors_seen.mean() == errors_mean, boost::test_tools::tolerance(0.02));
  // Both the requests' and the ratio's variation are in the errors'.
  const double cv2 = total_cv2 + error_cv2 + total_cv2 * error_cv2;
  BOOST_TEST(errors_seen.variance() == errors_mean + errors_mean * errors_mean * cv2, boost::test_tools::tolerance(0.08));
}

/// Differences of a series between two scrapes of a pod, or the value itself.
struct Seen {
  double errors = 0, total = 0, slow = 0, observed = 0, cpu = 0, restarts = 0, scrapes = 0;
};

Seen candidate_after(const Scenario& scenario, int from, bool only_device) {
  Model model = quiet();
  Seen seen;
  for (std::uint64_t stream = 0; stream < 6; ++stream) {
    World world;
    world.begin(model, scenario, Layout::canary, false, stream);
    std::map<int, std::vector<double>> last;
    FleetScrape fleet;
    while (world.next(fleet))
      for (const PodScrape& pod : fleet.pods) {
        if (pod.release != 1 || (pod.pod != world.device() && only_device)) continue;
        if (pod.restarted && fleet.index >= from) ++seen.restarts;
        if (pod.lost) continue;
        std::vector<double>& before = last[pod.pod];
        if (fleet.index >= from && !pod.restarted) {
          const auto more = [&](std::size_t i) { return pod.values[i] - (before.empty() ? 0 : before[i]); };
          seen.errors += more(bad_series);
          seen.total += more(bad_series) + more(good_series);
          seen.slow += more(first_bucket_series + 11) - more(first_bucket_series + 3);  // above 50 ms
          seen.observed += more(first_bucket_series + 11);
          seen.cpu += more(level_series(cpu));
          ++seen.scrapes;
        }
        before.assign(pod.values.begin(), pod.values.end());
      }
  }
  return seen;
}

const FaultSize& size_of(std::string_view name, std::string_view text) {
  for (const FaultSize& size : fault_sizes())
    if (size.fault == name && size.text == text) return size;
  BOOST_FAIL("no fault " << name << text);
  return fault_sizes().front();
}

BOOST_AUTO_TEST_CASE(faults_have_their_size_where_and_when_they_should) {
  const Seen healthy = candidate_after(healthy_worlds().front(), 120, false);
  BOOST_TEST(healthy.errors / healthy.total == 0.001, boost::test_tools::tolerance(0.1));
  for (const bool one : {false, true}) {
    const Seen errors = candidate_after(fault(size_of("errors", "+5%"), 120, one), 120, one);
    BOOST_TEST(errors.errors / errors.total == 0.051, boost::test_tools::tolerance(0.03));
    const Seen slow = candidate_after(fault(size_of("latency", "x1.5"), 120, one), 120, one);
    BOOST_TEST(slow.slow / slow.observed == 0.5 * std::erfc(std::log(0.05 / 0.06) / (0.7 * std::sqrt(2.0))), boost::test_tools::tolerance(0.1));
    const Seen busy = candidate_after(fault(size_of("cpu", "x1.5"), 120, one), 120, one);
    const Seen usual = candidate_after(healthy_worlds().front(), 120, one);
    BOOST_TEST(busy.cpu / usual.cpu == 1.5, boost::test_tools::tolerance(1e-6));  // the same random numbers
    const Seen stalled = candidate_after(fault(size_of("stall", "to 50%"), 120, one), 120, one);
    BOOST_TEST(stalled.total / usual.total == 0.5, boost::test_tools::tolerance(0.03));
    const Seen crashing = candidate_after(fault(size_of("restarts", "each 1 min"), 120, one), 120, one);
    BOOST_TEST(crashing.restarts / (crashing.scrapes + crashing.restarts) == 1.0 / 12, boost::test_tools::tolerance(0.15));
  }
  const Seen before = candidate_after(fault(size_of("errors", "+5%"), 359, false), 0, false);
  BOOST_TEST(before.errors / before.total < 0.002);  // not before its onset
}

BOOST_AUTO_TEST_CASE(leaks_grow_by_their_share_an_hour_and_variance_by_its_factor) {
  Model model = quiet();
  model.levels[memory - first_gauge].sd = 1e-9;
  const auto leaking = series_of(model, fault(size_of("leak", "+200%/h"), 120, false), memory, 1);
  const std::vector<double>& values = leaking.at({1, 0});
  BOOST_TEST(values[119] == values[0], boost::test_tools::tolerance(1e-6));
  BOOST_TEST(std::exp(values[359] - values[0]) == 1 + 2 * 239 * 5 / 3600.0, boost::test_tools::tolerance(1e-6));
  Moments before, after;
  const auto restless = series_of(quiet(), fault(size_of("variance", "x4"), 120, false), queue, 2);
  for (int p = 0; p < pods_per_release; ++p)
    for (std::size_t i = 0; i < 360; ++i) (i < 120 ? before : after).add(restless.at({1, p})[i] - restless.at({1, p})[0]);
  Moments steady, wild;
  for (int p = 0; p < pods_per_release; ++p)
    for (std::size_t i = 1; i < 360; ++i) {
      const double step = restless.at({1, p})[i] - restless.at({1, p})[i - 1];
      if (i != 120) (i < 120 ? steady : wild).add(step);
    }
  BOOST_TEST(wild.variance() / steady.variance() == 4, boost::test_tools::tolerance(0.25));
}

BOOST_AUTO_TEST_CASE(scrapes_are_lost_jitter_and_counters_begin_anew_after_a_restart) {
  Model model;
  model.restarts_per_hour = 4;
  double lost = 0, all = 0, restarted = 0, widest = 0;
  std::map<std::pair<int, int>, double> last;
  for (std::uint64_t stream = 0; stream < 3; ++stream) {
    last.clear();
    simulate(model, healthy_worlds().front(), Layout::canary, false, stream, [&](const FleetScrape& fleet) {
      for (const PodScrape& pod : fleet.pods) {
        ++all;
        widest = std::max(widest, std::abs(pod.time - fleet.time));
        if (pod.lost) {
          ++lost;
          BOOST_TEST(pod.values.empty());
          continue;
        }
        double& before = last[{pod.release, pod.pod}];
        if (pod.restarted) ++restarted;
        else BOOST_TEST(pod.values[good_series] >= before);
        if (pod.restarted && pod.age < 3 * scrape_seconds) BOOST_TEST(pod.values[good_series] < 3000);
        before = pod.values[good_series];
      }
    });
  }
  const double expected_restarts = all * scrape_seconds / 3600 * 4;
  BOOST_TEST(restarted == expected_restarts, boost::test_tools::tolerance(0.3));
  BOOST_TEST((lost - restarted) / all == 0.01, boost::test_tools::tolerance(0.2));
  BOOST_TEST(widest <= 0.25);
  BOOST_TEST(widest > 0.2);
}

BOOST_AUTO_TEST_CASE(layouts_keep_the_stable_pods_as_long_as_they_say) {
  const std::pair<Layout, int> cases[] = {{Layout::canary, candidate_scrapes}, {Layout::rolling, 60}, {Layout::recreate, 0}};
  for (const auto& [layout, until] : cases) {
    int stable_seen = 0, candidate_seen = 0, earlier_seen = 0;
    simulate(Model{}, healthy_worlds().front(), layout, true, 1, [&](const FleetScrape& fleet) {
      for (const PodScrape& pod : fleet.pods) {
        if (fleet.phase == Phase::earlier) ++earlier_seen;
        else if (fleet.phase == Phase::candidate) ++(pod.release == 1 ? candidate_seen : stable_seen);
      }
    });
    BOOST_TEST(stable_seen == 3 * until);
    BOOST_TEST(candidate_seen == 3 * candidate_scrapes);
    BOOST_TEST(earlier_seen == earlier_releases * earlier_scrapes * 3);
  }
}

BOOST_AUTO_TEST_CASE(worlds_with_one_stable_pod_have_as_many_pods_requests_and_errors_as_they_say) {
  struct Row {
    const Scenario& scenario;
    double rate;
    int candidates;
    double stable_rate;
  };
  const Row rows[] = {{few_stable_worlds()[0], 1, 30, 1}, {few_stable_worlds()[1], 100, 3, 1}};
  for (const auto& [scenario, rate, candidates, stable_rate] : rows)
    BOOST_TEST_CONTEXT(scenario.name) {
      Model model = quiet();
      model.requests_per_second = rate;
      model.error_ratio = scenario.error_ratio;
      int pods[2] = {};
      double served[2] = {}, bad = 0;
      simulate(model, scenario, Layout::canary, false, 1, [&](const FleetScrape& f) {
        if (f.release != 1) return;
        for (const PodScrape& pod : f.pods) {
          ++pods[pod.release];
          if (f.index != 359) continue;
          served[pod.release] += (pod.values[good_series] + pod.values[bad_series]) / pod.age;
          if (pod.release == 1) bad += pod.values[bad_series] / pod.age;
        }
      });
      BOOST_TEST(pods[0] == 360);
      BOOST_TEST(pods[1] == 360 * candidates);
      BOOST_TEST(served[0] == stable_rate, boost::test_tools::tolerance(0.2));
      BOOST_TEST(served[1] == candidates * rate, boost::test_tools::tolerance(0.1));
      BOOST_TEST(bad / served[1] == 0.05, boost::test_tools::tolerance(0.3));
    }
}

BOOST_AUTO_TEST_CASE(a_stream_decides_everything) {
  const auto sum_of = [](std::uint64_t stream, World& world) {
    const Model model;
    double sum = 0;
    world.begin(model, healthy_worlds().front(), Layout::canary, true, stream);
    FleetScrape fleet;
    while (world.next(fleet))
      for (const PodScrape& pod : fleet.pods)
        for (const double value : pod.values) sum += std::log1p(value);
    return sum;
  };
  World used, fresh;
  const double first = sum_of(stream_of(1, "cell", 0), used), other = sum_of(stream_of(1, "cell", 1), used);
  BOOST_TEST(sum_of(stream_of(1, "cell", 1), fresh) == other);  // whatever a world was used for before
  BOOST_TEST(first != other);
  BOOST_TEST(stream_of(1, "cell", 0) != stream_of(1, "other", 0));
  BOOST_TEST(stream_of(1, "cell", 0) != stream_of(2, "cell", 0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::bench
