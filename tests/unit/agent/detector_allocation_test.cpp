#include "tests/unit/agent/allocation_count.hpp"
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cmath>

using namespace charon::agent;
using namespace charon::agent::test;
namespace wire = charon::wire;

namespace {

/// A pod that also shows a level of each kind: of the process, of several series, a share, a rate, and what a garbage collector took.
class PodWithLevels {
 public:
  explicit PodWithLevels(std::uint32_t seed) : served_(seed) {}

  void serve(const Quality& quality) {
    served_.serve(quality);
    served_.now += charon::Duration{5'000};
    for (double& level : gauges_) level = std::exp(0.05 * normal_(served_.random()));
    processor_ += 2 * gauges_[0];
    collections_ += 3;
    collecting_ += 0.1 * gauges_[1];
  }
  void scrape(Detector& detector) const {
    detector.begin_scrape(served_.now);
    served_.emit(detector);
    const auto show = [&](std::string_view family, std::string_view name, std::span<const LabelView> labels, double value, FamilyType type) {
      detector.observe({.family = family, .name = name, .labels = labels, .value = value, .type = type, .timestamp = {}});
    };
    const std::array<LabelView, 1> heap{{{"area", "heap"}}}, other{{{"area", "nonheap"}}};
    show("process_resident_memory_bytes", "process_resident_memory_bytes", {}, 1e8 * gauges_[0], FamilyType::gauge);
    show("process_open_fds", "process_open_fds", {}, 30 * gauges_[1], FamilyType::gauge);
    show("jvm_memory_used_bytes", "jvm_memory_used_bytes", heap, 5e7 * gauges_[2], FamilyType::gauge);
    show("jvm_memory_used_bytes", "jvm_memory_used_bytes", other, 2e7 * gauges_[3], FamilyType::gauge);
    show("shop_queue_length", "shop_queue_length", {}, 5 * gauges_[4], FamilyType::gauge);
    show("shop_cache_hit_ratio", "shop_cache_hit_ratio", {}, 0.9 * std::min(gauges_[5], 1.1), FamilyType::gauge);
    show("process_cpu_seconds", "process_cpu_seconds_total", {}, processor_, FamilyType::counter);
    show("go_gc_duration_seconds", "go_gc_duration_seconds_sum", {}, collecting_, FamilyType::summary);
    show("go_gc_duration_seconds", "go_gc_duration_seconds_count", {}, collections_, FamilyType::summary);
    show("nobody_knows", "nobody_knows", {}, gauges_[5], FamilyType::gauge);
    detector.end_scrape();
  }

 private:
  SimulatedPod served_;
  std::normal_distribution<double> normal_;
  std::array<double, 6> gauges_{};
  double processor_ = 0, collections_ = 0, collecting_ = 0;
};

/// What a stable pod on the same node showed between two reports, added to what it had.
void add(wire::Control& control, const wire::Report& before, const wire::Report& now, charon::Time at) {
  control.pods = control.same_node_pods = 1;
  control.metrics = control.same_node = now.totals;
  control.same_node_levels.clear();
  control.same_node_levels_reported = at;
  for (const wire::LevelSum& sum : now.level_sums) {
    double value = sum.sum, n = static_cast<double>(sum.scrapes);
    for (const wire::LevelSum& old : before.level_sums)
      if (old.metric == sum.metric) value -= old.sum, n -= static_cast<double>(old.scrapes);
    if (n > 0) control.same_node_levels.push_back({.metric = sum.metric, .value = value / n, .pods = 1});
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(detector_allocation)

BOOST_AUTO_TEST_CASE(a_warm_scrape_allocates_nothing) {
  const Quality quality{.requests = 100, .errors = 0.05};
  const charon::wire::Baseline baseline = baseline_of({}, 120);
  Detector detector({}, 1e-3);
  detector.set_baseline(baseline);
  SimulatedPod pod(1);
  for (int i = 0; i < 20; ++i) pod.step(detector, quality);
  std::size_t seen = 0;
  for (int i = 0; i < 500; ++i) {
    pod.serve(quality);
    const std::size_t before = allocation_count();
    pod.scrape(detector);
    seen += allocation_count() - before;
  }
  for (int i = 0; i < 20; ++i) {
    const std::size_t before = allocation_count();
    pod.fail_scrape(detector);
    seen += allocation_count() - before;
  }
  BOOST_TEST(seen == 0U);
}

BOOST_AUTO_TEST_CASE(a_warm_scrape_of_levels_beside_a_control_allocates_nothing) {
  const Quality quality{.requests = 100, .errors = 0.05};
  wire::AgentPolicy policy;
  policy.levels_decide = true;
  Detector detector(policy, 1e-3), stable(policy, 0);
  PodWithLevels pod(1), beside(2);
  wire::Report last, next;
  for (int i = 0; i < 400; ++i) beside.serve(quality), beside.scrape(stable);
  wire::Baseline baseline = baseline_of(stable);
  baseline.same_node_levels = baseline.levels;
  for (const wire::LevelSummary& level : baseline.levels) baseline.spreads.push_back({.metric = level.metric, .squares = 0.1, .degrees = 20});
  detector.set_baseline(baseline);
  stable.fill(last);
  wire::Control control;
  std::size_t seen = 0;
  for (int i = 0; i < 900; ++i) {                     // beyond the hour that levels remember
    beside.serve(quality), beside.scrape(stable);
    stable.fill(next);
    add(control, last, next, charon::Time{} + std::chrono::seconds{5 * i});
    detector.set_control(control, charon::Time{} + std::chrono::seconds{5 * i});
    std::swap(last, next);
    pod.serve(quality);
    const std::size_t before = allocation_count();
    pod.scrape(detector);
    if (i >= 20) seen += allocation_count() - before;
  }
  BOOST_TEST(seen == 0U);
  // The levels are judged, each of them, and some in every scrape: else this shows nothing.
  std::size_t judged = 0;
  for (const MetricEvidence& metric : detector.evidence().metrics) {
    if (metric.kind != wire::MetricKind::level || metric.excluded != Excluded::no) continue;
    ++judged;
    BOOST_TEST(metric.windows > 800U, metric.metric);
  }
  BOOST_TEST(judged >= 8U, judged);
}

BOOST_AUTO_TEST_SUITE_END()
