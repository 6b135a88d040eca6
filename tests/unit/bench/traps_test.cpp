#include "tests/bench/release_regression/model.hpp"
#include "tests/bench/release_regression/world.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace charon::bench {
namespace {

using boost::test_tools::tolerance;

Model quiet() {  // nothing but what a trap turns on
  Model m;
  m.day_amplitude = m.lost = m.jitter = m.restarts_per_hour = 0;
  m.errors_cv = m.requests_cv = 0.01;
  for (LevelModel& level : m.levels) level.start.amplitude = 0;
  for (HistogramModel& histogram : m.histograms) histogram.start.amplitude = histogram.wobble = 0;
  return m;
}

const Scenario& trap(std::string_view name) {
  for (const Scenario& s : traps())
    if (s.name == name) return s;
  BOOST_FAIL("no trap " << name);
  return traps().front();
}

/// Of some pods at some scrapes: what they did a scrape.
struct Sums {
  double requests = 0, errors = 0, time = 0, cpu = 0, transmitted = 0, cache = 0, scrapes = 0;
  double error_ratio() const { return errors / requests; }
  double duration() const { return time / requests; }
};

using Which = std::function<bool(const FleetScrape&, const PodScrape&, int device)>;

std::size_t series_of(int metric) { return first_level_series + static_cast<std::size_t>(metric - first_gauge); }

Sums sums(const Scenario& scenario, const Which& which, const Model& model = quiet()) {
  Sums out;
  for (std::uint64_t stream = 1; stream < 4; ++stream) {
    World world;
    world.begin(model, scenario, Layout::canary, false, stream);
    std::map<std::pair<int, int>, std::vector<double>> last;
    FleetScrape fleet;
    while (world.next(fleet))
      for (const PodScrape& pod : fleet.pods) {
        if (pod.lost || pod.values.size() != series_count) continue;
        std::vector<double>& before = last[{pod.release, pod.pod}];
        if (before.empty()) before.resize(series_count);
        const auto more = [&](std::size_t i) { return pod.values[i] - before[i]; };
        if (which(fleet, pod, world.device())) {
          out.requests += more(good_series) + more(bad_series);
          out.errors += more(bad_series);
          out.time += more(first_bucket_series + buckets);
          out.cpu += more(series_of(cpu));
          out.transmitted += more(series_of(transmit));
          out.cache += pod.values[series_of(cache_ratio)];
          ++out.scrapes;
        }
        before.assign(pod.values.begin(), pod.values.end());
      }
  }
  return out;
}

/// Scrapes of the candidate's time, of all pods.
Which between(int from, int to) {
  return [=](const FleetScrape& f, const PodScrape&, int) { return f.release == 1 && f.index >= from && f.index < to; };
}
Which and_also(Which a, Which b) {
  return [=](const FleetScrape& f, const PodScrape& p, int device) { return a(f, p, device) && b(f, p, device); };
}
const Which on_device = [](const FleetScrape&, const PodScrape& p, int device) { return p.node == device; };
const Which elsewhere = [](const FleetScrape&, const PodScrape& p, int device) { return p.node != device; };
const Which stable = [](const FleetScrape&, const PodScrape& p, int) { return p.release == 0; };
const Which candidate = [](const FleetScrape&, const PodScrape& p, int) { return p.release == 1; };

void check_same(const Scenario& scenario, const Which& which) {
  const Sums seen = sums(scenario, which), usual = sums(healthy_worlds().front(), which);
  BOOST_TEST(seen.requests == usual.requests, tolerance(0.02));
  BOOST_TEST(seen.error_ratio() == usual.error_ratio(), tolerance(0.25));
  BOOST_TEST(seen.duration() == usual.duration(), tolerance(0.02));
  BOOST_TEST(seen.cpu == usual.cpu, tolerance(0.02));
}

/// A third of all requests fail and others are slow between these scrapes, on all pods; other workloads tell of it a little later.
void check_outage(const Scenario& scenario, int from, int to) {
  const Sums seen = sums(scenario, between(from, to)), usual = sums(healthy_worlds().front(), between(from, to));
  BOOST_TEST(seen.error_ratio() == 0.301, tolerance(0.03));
  BOOST_TEST(seen.duration() == 2.5 * usual.duration(), tolerance(0.03));
  check_same(scenario, between(0, from));
  check_same(scenario, between(to, candidate_scrapes));
}

/// Scrapes of the candidate at which others are said to be in trouble on all nodes.
std::set<int> others_in_trouble(const Scenario& scenario) {
  const Model model = quiet();
  World world;
  world.begin(model, scenario, Layout::canary, false, 1);
  std::set<int> out;
  FleetScrape fleet;
  while (world.next(fleet)) {
    bool all = true;
    for (const NodeFacts& node : fleet.nodes) all = all && node.others_degraded;
    if (fleet.release == 1 && all) out.insert(fleet.index);
  }
  return out;
}

/// What each trap does, by its name; none may be forgotten.
const std::map<std::string, std::function<void(const Scenario&)>> checks = {
    {"node_fault",
     [](const Scenario& s) {
       for (const Which& release : {stable, candidate}) {
         const Which hit = and_also(and_also(between(120, 360), on_device), release);
         const Sums seen = sums(s, hit), usual = sums(healthy_worlds().front(), hit);
         BOOST_TEST(seen.error_ratio() == usual.error_ratio() + 0.05, tolerance(0.03));
         BOOST_TEST(seen.duration() == 2 * usual.duration(), tolerance(0.03));
         BOOST_TEST(seen.cpu == 1.5 * usual.cpu, tolerance(0.03));
       }
       check_same(s, and_also(between(120, 360), elsewhere));
       check_same(s, between(0, 120));
     }},
    {"noisy_neighbour",
     [](const Scenario& s) {
       const auto turn = [](bool on) {
         return [=](const FleetScrape& f, const PodScrape&, int) { return f.release == 1 && f.index >= 30 && ((f.index - 30) % 60 < 24) == on; };
       };
       for (const Which& release : {stable, candidate}) {
         const Which hit = and_also(and_also(turn(true), on_device), release);
         const Sums seen = sums(s, hit), usual = sums(healthy_worlds().front(), hit);
         BOOST_TEST(seen.duration() == 1.6 * usual.duration(), tolerance(0.03));
         BOOST_TEST(seen.cpu == 1.4 * usual.cpu, tolerance(0.03));
       }
       check_same(s, and_also(turn(false), on_device));
       check_same(s, and_also(turn(true), elsewhere));
     }},
    {"load_doubling",
     [](const Scenario& s) {
       for (const Which& release : {stable, candidate}) {
         const Which hit = and_also(between(120, 360), release);
         BOOST_TEST(sums(s, hit).requests == 2 * sums(healthy_worlds().front(), hit).requests, tolerance(0.02));
       }
       check_same(s, between(0, 120));
     }},
    {"mix_change",
     [](const Scenario& s) {
       for (const Which& release : {stable, candidate}) {
         const Which hit = and_also(between(120, 360), release);
         const Sums seen = sums(s, hit), usual = sums(healthy_worlds().front(), hit);
         BOOST_TEST(seen.error_ratio() == 3 * usual.error_ratio(), tolerance(0.15));
         BOOST_TEST(seen.duration() == 1.5 * usual.duration(), tolerance(0.03));
         BOOST_TEST(seen.transmitted == 2 * usual.transmitted, tolerance(0.03));
       }
       check_same(s, between(0, 120));
     }},
    {"cold_caches",
     [](const Scenario& s) {
       const auto young = [](int r) {
         return [=](const FleetScrape& f, const PodScrape& p, int) { return p.release == r && f.release == r && f.index < 24; };
       };
       Model model = quiet();
       model.levels[cache_ratio - first_gauge].start = Model{}.levels[cache_ratio - first_gauge].start;
       const Sums then = sums(s, young(0), model), now = sums(s, young(1), model), usual = sums(healthy_worlds().front(), young(1), model);
       BOOST_TEST(now.cache < 0.5 * usual.cache);
       BOOST_TEST(now.cache == then.cache, tolerance(0.1));  // the stable release started as cold
     }},
    {"dependency_outage",
     [](const Scenario& s) {
       check_outage(s, 120, 180);
       const std::set<int> trouble = others_in_trouble(s);
       BOOST_TEST(trouble.size() == 60U);
       BOOST_TEST(*trouble.begin() == 124);  // others' agents take their time too
     }},
    {"dns_outage",
     [](const Scenario& s) {
       check_outage(s, 60, 96);
       BOOST_TEST(others_in_trouble(s).size() == 36U);
     }},
    {"registry_outage",
     [](const Scenario& s) {
       const Model model = quiet();
       World world;
       world.begin(model, s, Layout::canary, false, 1);
       int waiting = 0, running = 0;
       FleetScrape f;
       while (world.next(f))
         for (const PodScrape& pod : f.pods) {
           if (pod.release != 1) continue;
           (pod.image_pull_failed ? waiting : running) += 1;
           BOOST_TEST(pod.image_pull_failed == (f.index < 120));
           BOOST_TEST((f.others_pulling > 1) == pod.image_pull_failed);
         }
       BOOST_TEST(waiting == 3 * 120);
       BOOST_TEST(running == 3 * 240);
     }},
    {"skewed_balancer",
     [](const Scenario& s) {
       const Which hit = and_also(and_also(between(0, 360), on_device), candidate);
       BOOST_TEST(sums(s, hit).requests == 2.5 * sums(healthy_worlds().front(), hit).requests, tolerance(0.02));
       check_same(s, and_also(and_also(between(0, 360), elsewhere), candidate));
       check_same(s, and_also(between(0, 360), stable));
     }},
    {"hpa_scaling",
     [](const Scenario& s) {
       const auto load = [&](int from, int to) {
         const Sums seen = sums(s, between(from, to)), usual = sums(healthy_worlds().front(), between(from, to));
         return (seen.requests / seen.scrapes) / (usual.requests / usual.scrapes);
       };
       BOOST_TEST(load(60, 120) == 1.6, tolerance(0.02));
       BOOST_TEST(load(121, 360) == 1.6 * 3 / 5, tolerance(0.05));  // shared by two pods more
       for (const Which& release : {stable, candidate}) BOOST_TEST(sums(s, and_also(between(121, 360), release)).scrapes == 3 * 239 * 5);
       check_same(s, between(0, 60));
     }},
    {"baseline_incident",
     [](const Scenario& s) {
       const auto in_baseline = [](int from, int to) {
         return [=](const FleetScrape& f, const PodScrape&, int) { return f.release == 0 && f.index >= from && f.index < to; };
       };
       BOOST_TEST(sums(s, in_baseline(400, 460)).error_ratio() == 0.301, tolerance(0.03));
       check_same(s, in_baseline(0, 400));
       check_same(s, in_baseline(460, 720));
       check_same(s, between(0, 360));
     }},
    {"changed_buckets",
     [](const Scenario& s) {
       const Model model = quiet();
       World world;
       world.begin(model, s, Layout::canary, false, 1);
       FleetScrape f;
       bool same = true;
       std::vector<double> below(2);
       while (world.next(f))
         for (const PodScrape& pod : f.pods) {
           same = same && pod.schema == (pod.release == 1 ? &changed_buckets_schema() : &ordinary_schema());
           if (f.release == 1 && f.index == 359)
             below[static_cast<std::size_t>(pod.release)] = pod.values[first_bucket_series + 2] / pod.values[first_bucket_series + buckets - 1];
         }
       BOOST_TEST(same);
       BOOST_TEST(changed_bounds()[2] > default_bounds()[2]);
       BOOST_TEST(below[1] > below[0] + 0.1);  // requests below the third bound, which stands higher
     }},
    {"missing_series",
     [](const Scenario& s) {
       const Model model = quiet();
       World world;
       world.begin(model, s, Layout::canary, false, 1);
       FleetScrape f;
       while (world.next(f))
         for (const PodScrape& pod : f.pods) {
           BOOST_REQUIRE(pod.values.size() == pod.schema->size());
           BOOST_REQUIRE(pod.values.size() == (pod.release == 1 ? series_count - histogram_series - 2 : series_count));
         }
     }},
    {"node_reboot",
     [](const Scenario& s) {
       const Model model = quiet();
       World world;
       world.begin(model, s, Layout::canary, false, 1);
       int not_ready = 0, lost = 0, restarted = 0;
       FleetScrape f;
       while (world.next(f)) {
         for (const NodeFacts& node : f.nodes) not_ready += !node.ready;
         for (const PodScrape& pod : f.pods) {
           lost += pod.lost;
           restarted += pod.restarted;
           if (pod.lost || pod.restarted) BOOST_TEST(pod.node == world.device());
         }
       }
       BOOST_TEST(not_ready == 24);
       BOOST_TEST(lost == 2 * 24);
       BOOST_TEST(restarted == 2);
     }},
    {"throttled_agent",
     [](const Scenario& s) {
       const Model model = quiet();
       World world;
       world.begin(model, s, Layout::canary, false, 1);
       double lost = 0, scrapes = 0, widest = 0;
       FleetScrape f;
       while (world.next(f))
         for (const PodScrape& pod : f.pods) {
           const double off = std::abs(pod.time - f.time);
           if (pod.release != 1) {
             BOOST_REQUIRE(!pod.lost);
             BOOST_REQUIRE(off == 0);
             continue;
           }
           ++scrapes;
           lost += pod.lost;
           widest = std::max(widest, off);
         }
       BOOST_TEST(lost / scrapes == 0.3, tolerance(0.15));
       BOOST_TEST(widest > 1.9);
       BOOST_TEST(widest <= 2);
     }},
};

BOOST_AUTO_TEST_SUITE(benchmark_traps)

BOOST_AUTO_TEST_CASE(traps_change_what_they_say) {
  BOOST_TEST(traps().size() == checks.size());
  for (const auto& [name, check] : checks)
    BOOST_TEST_CONTEXT(name) check(trap(name));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::bench
