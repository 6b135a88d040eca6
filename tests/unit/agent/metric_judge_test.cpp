#include "agent/core/metric_judge.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <random>

using namespace charon;
using namespace charon::agent;

namespace {

constexpr int life = 360;  // scrapes
constexpr int stable_pods = 3;  // the first on the candidate's node

struct Service {
  double requests = 500;     ///< a scrape
  double errors = 0.001;
  double cv = 0.3;           ///< from scrape to scrape
  double spread = 0.14;      ///< between pods, log: 10% of the pod's and 10% of the node's own
  double rise = 0;           ///< of the candidate's share, absolute
  int onset = 0;
  bool shared_by_node = false, shared_by_all = false;  ///< the rise is the first stable pod's too, or all stable pods'
};

/// A release beside stable pods that go on running; reports come each scrape, and tell of the scrape before, or of earlier ones.
class Release {
 public:
  Release(const Service& service, std::uint64_t seed, std::uint64_t control_patience = 6) : service_(service), random_(seed) {
    for (double& effect : effects_) effect = std::exp(service.spread * normal_(random_));
    node_.metric = all_.metric = "errors";
    node_.counts = all_.counts = {0, 0};
    history_ = all_;
    for (int i = 0; i < 720; ++i)
      for (int pod = 0; pod < stable_pods; ++pod) serve(history_, service.errors * effects_[static_cast<std::size_t>(pod)]);
    judge_.emplace(history_, nullptr, JudgeSettings{.control_patience = control_patience});
  }

  /// Scrapes until the evidence is 1,000, counted from the onset; 0: never. `with_control` until that scrape, and with each
  /// `report_each`-th, of the stable pods' counts as they were `late` scrapes before.
  int alarm(int scrapes = life, int with_control = life, int report_each = 1, int late = 0) {
    std::array<double, 2> seen{};
    for (int i = 0; i < scrapes; ++i) {
      shown_.push_back({all_, node_});
      if (i < with_control && i % report_each == report_each - 1 && i >= late) {
        const auto& [all, node] = shown_[static_cast<std::size_t>(i - late)];
        const Time told{Duration{5'000 * (i - late - 1)}};
        judge_->control({&all, told, stable_pods}, {&node, told, 1}, true);
      }
      const double own = service_.errors * effects_.back() + (i >= service_.onset ? service_.rise : 0);
      const auto [total, bad] = draw(own);
      seen = {total - bad, bad};
      judge_->scrape(seen, Time{Duration{5'000 * i}});
      for (int pod = 0; pod < stable_pods; ++pod) {
        const bool suffers = i >= service_.onset && (service_.shared_by_all || (service_.shared_by_node && pod == 0));
        const auto [more, failed] = draw(service_.errors * effects_[static_cast<std::size_t>(pod)] + (suffers ? service_.rise : 0));
        add(all_, more, failed);
        if (pod == 0) add(node_, more, failed);
      }
      if (judge_->log_evidence() >= std::log(1e3)) return i + 1 - service_.onset;
    }
    return 0;
  }
  double log_pass_evidence() const {
    MetricEvidence out;
    judge_->describe(out);
    return out.log_pass_evidence;
  }

 private:
  std::pair<double, double> draw(double share) {
    const auto total = std::poisson_distribution<long>(service_.requests)(random_);
    const double shape = 1 / (service_.cv * service_.cv);
    const double now = share * std::gamma_distribution<double>(shape, 1 / shape)(random_);
    const long bad = std::poisson_distribution<long>(static_cast<double>(total) * now)(random_);
    return {static_cast<double>(total), static_cast<double>(std::min(bad, total))};
  }
  void serve(wire::MetricCounts& counts, double share) {
    const auto [total, bad] = draw(share);
    add(counts, total, bad);
  }
  static void add(wire::MetricCounts& counts, double total, double bad) {
    counts.counts[0] += static_cast<std::uint64_t>(total - bad);
    counts.counts[1] += static_cast<std::uint64_t>(bad);
    if (total > 0) ++counts.windows;
  }

  Service service_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::array<double, stable_pods + 1> effects_{};  // last: the candidate's
  wire::MetricCounts history_, all_, node_;
  std::vector<std::pair<wire::MetricCounts, wire::MetricCounts>> shown_;  // of all and of the node's, before each scrape
  std::optional<MetricJudge> judge_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(metric_judge)

BOOST_AUTO_TEST_CASE(healthy_and_harmless_releases_alarm_no_more_often_than_a_thousandth_at_any_traffic) {
  // 10% spread of pods and nodes each, and twice that; +0.5% is the harmless change. Of n releases at 1/1,000 more than
  // the bound alarm with a probability below 1e-3 (Poisson).
  constexpr int releases = 500;
  constexpr int bound = 4;  // mean 0.5
  int all = 0;
  for (const double requests : {0.5, 5.0, 50.0, 500.0, 5'000.0})
    for (const double errors : {0.001, 0.02})
      for (const double spread : {0.14, 0.2}) {
        int alarms = 0;
        for (int i = 0; i < releases; ++i) {
          Release release({.requests = requests, .errors = errors, .spread = spread, .rise = i % 2 == 0 ? 0.005 : 0}, static_cast<std::uint64_t>(i));
          alarms += release.alarm(life, i % 4 < 2 ? life : 60) > 0;  // half of them lose the control after 60 scrapes
        }
        BOOST_TEST(alarms <= bound, requests << " requests, " << errors << " errors, spread " << spread << ": " << alarms << " of " << releases);
        all += alarms;
      }
  BOOST_TEST_MESSAGE("healthy and harmless: " << all << " of " << 20 * releases);
  BOOST_TEST(all <= 20);  // mean 10
}

BOOST_AUTO_TEST_CASE(faults_are_found_as_fast_as_the_tolerance_allows) {
  struct Case { double rise, requests; int onset, median, p90; };
  const Case cases[] = {{0.01, 500, 0, 55, 100}, {0.02, 500, 0, 6, 12},   {0.05, 500, 0, 4, 5},   {0.2, 500, 0, 3, 4},
                        {0.01, 500, 125, 55, 120}, {0.05, 500, 125, 4, 6}, {0.2, 500, 125, 3, 4}, {0.2, 5, 0, 8, 14},
                        {0.05, 5'000, 61, 4, 5}};
  for (const Case& c : cases) {
    std::vector<int> delays;
    for (int i = 0; i < 40; ++i) {
      const int delay = Release({.requests = c.requests, .rise = c.rise, .onset = c.onset}, static_cast<std::uint64_t>(i)).alarm();
      delays.push_back(delay > 0 ? delay : life);
    }
    std::sort(delays.begin(), delays.end());
    BOOST_TEST_MESSAGE("errors +" << c.rise * 100 << "% of " << c.requests << " requests at " << c.onset << ": median " << delays[20] << ", p90 " << delays[36]);
    BOOST_TEST(delays[20] <= c.median);
    BOOST_TEST(delays[36] <= c.p90);
  }
}

BOOST_AUTO_TEST_CASE(trouble_that_stable_pods_share_is_no_alarm_whenever_it_begins_and_however_seldom_reports_come) {
  for (const bool by_all : {false, true})
    for (const double requests : {50.0, 500.0})
      for (const int onset : {0, 100})
        for (const int report_each : {1, 2, 4, 10})
          for (const int late : {0, report_each}) {  // by an interval of reports, as two agents' are
            int alarms = 0;
            for (int i = 0; i < 40; ++i) {
              Release release({.requests = requests, .rise = 0.3, .onset = onset, .shared_by_node = !by_all, .shared_by_all = by_all}, static_cast<std::uint64_t>(i),
                              static_cast<std::uint64_t>(std::max(6, 3 * report_each)));
              alarms += release.alarm(160, life, report_each, late) > 0;
            }
            BOOST_TEST(alarms == 0, (by_all ? "all, " : "the node, ") << requests << " requests, at " << onset << ", reports each " << report_each << ", late by " << late << ": " << alarms);
          }
}

/// Shares of errors at a scrape, the candidate's and the stable pods' (500 requests each, no noise), and what is known of them.
struct Scrape {
  double own = 0.002, stable = 0.002;
  int told = 0;                       ///< the scrape until which the control tells
  bool on_node = true, away = false, anew = false;  ///< a stable pod is on the node; the coordinator is away, begins anew
};
/// Scrapes until the evidence is 1,000; 0: never.
int alarm_of(const std::function<Scrape(int)>& at) {
  MetricJudge judge({"errors", wire::MetricKind::error_ratio, {}, {2'156'000, 4'320}, 4'320}, nullptr, {});
  wire::MetricCounts all{"errors", wire::MetricKind::error_ratio, {}, {0, 0}, 0}, node = all;
  for (int i = 0; i < 120; ++i) {
    const Scrape now = at(i);
    if (now.anew) all.counts = node.counts = {0, 0}, all.windows = node.windows = 0;
    const Time told{Duration{5'000 * now.told}};
    if (!now.away) judge.control({&all, told, 3}, {now.on_node ? &node : nullptr, told, 1}, !now.anew);
    judge.scrape(std::array{500 * (1 - now.own), 500 * now.own}, Time{Duration{5'000 * i}});
    if (judge.log_evidence() >= std::log(1e3)) return i;
    const auto serve = [&](wire::MetricCounts& counts, std::uint64_t pods) {
      const auto bad = static_cast<std::uint64_t>(500 * now.stable) * pods;
      counts.counts[0] += 500 * pods - bad, counts.counts[1] += bad, counts.windows += pods;
    };
    serve(all, 2);
    if (now.on_node) serve(node, 1), serve(all, 1);
  }
  return 0;
}
bool outage(int i) { return i >= 40 && i < 45; }

BOOST_AUTO_TEST_CASE(a_fault_is_found_where_the_stable_pod_of_the_node_left_before_the_others) {
  const int found = alarm_of([](int i) { return Scrape{.own = i >= 70 ? 0.05 : 0.002, .told = i - 1, .on_node = i < 40}; });
  BOOST_TEST(found >= 70);
  BOOST_TEST(found < 80);
}

/// A judge beside three healthy stable pods that all left after 20 scrapes. `share`: of errors, from scrape 20 on.
struct AfterStable {
  MetricJudge judge{{"errors", wire::MetricKind::error_ratio, {}, {2'156'000, 4'320}, 4'320}, nullptr, {}};
  wire::MetricCounts all{"errors", wire::MetricKind::error_ratio, {}, {0, 0}, 0};
  int scrapes = 0;
  Time at(int scrape) const { return Time{Duration{5'000 * scrape}}; }
  void scrape(double share) { judge.scrape(std::array{500 * (1 - share), 500 * share}, at(scrapes++)); }
  void stable(double share) { all.counts[0] += static_cast<std::uint64_t>(1'500 * (1 - share)), all.counts[1] += static_cast<std::uint64_t>(1'500 * share), all.windows += 3; }
  AfterStable() {
    for (int i = 0; i < 20; ++i) {
      judge.control({&all, at(i - 1), 3}, {}, true);
      scrape(0.002);
      stable(0.002);
    }
  }
  bool fails() const { return judge.log_evidence() >= std::log(1e3); }
};

BOOST_AUTO_TEST_CASE(nothing_is_waited_for_where_no_stable_pod_runs) {
  for (const bool none_runs : {true, false}) {
    AfterStable left;
    left.judge.control({}, {}, true, none_runs);
    int found = 0;
    while (found < 30 && !left.fails()) left.scrape(0.3), ++found;
    if (none_runs) BOOST_TEST(found <= 3);
    else BOOST_TEST(found > 6);
  }
}

BOOST_AUTO_TEST_CASE(what_waited_when_the_last_stable_pod_left_is_settled_at_once) {
  AfterStable left;
  left.scrape(0.3), left.scrape(0.3), left.scrape(0.3);
  const double waiting = left.judge.log_evidence();
  left.judge.control({}, {}, true, true);
  BOOST_TEST(left.judge.log_evidence() > waiting + 1);
}

BOOST_AUTO_TEST_CASE(the_last_word_of_stable_pods_that_left_excuses_what_they_shared) {
  AfterStable left;
  for (int i = 0; i < 3; ++i) left.scrape(0.3), left.stable(0.3);
  left.judge.control({&left.all, left.at(left.scrapes - 1), 0}, {}, true, true);
  BOOST_TEST(left.judge.log_evidence() < 1);
}

BOOST_AUTO_TEST_CASE(the_last_word_excuses_the_scrape_after_it_too) {
  for (const bool shared : {true, false}) {
    AfterStable left;
    for (int i = 0; i < 2; ++i) left.scrape(0.3), left.stable(shared ? 0.3 : 0.002);
    left.judge.control({&left.all, left.at(left.scrapes - 1), 3}, {}, true);
    left.scrape(0.3);
    left.judge.control({&left.all, left.at(left.scrapes), 0}, {}, true, true);
    BOOST_TEST((left.judge.log_evidence() < 1) == shared, left.judge.log_evidence());
  }
}

BOOST_AUTO_TEST_CASE(where_none_runs_a_pods_start_counts_as_one_for_six_scrapes_however_seldom_agents_report) {
  for (const std::uint64_t patience : {6U, 18U}) {
    MetricJudge judge({"errors", wire::MetricKind::error_ratio, {}, {2'156'000, 4'320}, 4'320}, nullptr, {.control_patience = patience});
    const auto fails = [&] { return judge.log_evidence() >= std::log(1e3); };
    int found = 0;
    for (; found < 30 && !fails(); ++found) {
      judge.control({}, {}, true, true);
      judge.scrape(std::array{350., 150.}, Time{Duration{5'000 * found}});
    }
    BOOST_TEST(found > 6);
    BOOST_TEST(found <= 9);
  }
}

BOOST_AUTO_TEST_CASE(stable_pods_that_run_again_are_waited_for) {
  AfterStable left;
  left.judge.control({}, {}, true, true);
  left.scrape(0.002);
  left.judge.control({}, {}, true, false);
  for (int i = 0; i < 4; ++i) left.scrape(0.3);
  BOOST_TEST(!left.fails());
}

BOOST_AUTO_TEST_CASE(the_first_scrapes_of_a_pod_without_control_count_as_one) {
  MetricJudge judge({"errors", wire::MetricKind::error_ratio, {}, {2'156'000, 4'320}, 4'320}, nullptr, {});
  for (int i = 0; i < 5; ++i) {
    judge.control({}, {}, true, true);
    judge.scrape(std::array{350.0, 150.0}, Time{Duration{5'000 * i}});
  }
  BOOST_TEST(judge.log_evidence() < std::log(1e3));
}

BOOST_AUTO_TEST_CASE(a_fault_is_dated_to_its_first_scrape_however_late_the_control_tells_of_it) {
  for (const int late : {0, 2, 4}) {
    MetricJudge judge({"errors", wire::MetricKind::error_ratio, {}, {2'156'000, 4'320}, 4'320}, nullptr, {});
    wire::MetricCounts all{"errors", wire::MetricKind::error_ratio, {}, {0, 0}, 0};
    MetricEvidence out;
    for (int i = 0; i < 60; ++i) {
      judge.control({&all, Time{Duration{5'000 * (i - 1 - late)}}, 3}, {}, true);
      judge.scrape(std::array{i >= 40 ? 350.0 : 499.0, i >= 40 ? 150.0 : 1.0}, Time{Duration{5'000 * i}});
      all.counts[0] += 1'497, all.counts[1] += 3, all.windows += 3;
    }
    judge.describe(out);
    BOOST_REQUIRE(out.since);
    BOOST_TEST((*out.since == Time{Duration{5'000 * 40}}), "late by " << late << ": " << (out.since->time_since_epoch().count() / 5'000));
  }
}

BOOST_AUTO_TEST_CASE(an_outage_that_the_control_tells_of_late_is_excused_by_what_it_showed_meanwhile) {
  for (const int late : {0, 4, 8})
    BOOST_TEST(alarm_of([&](int i) { return Scrape{.own = outage(i) ? 0.3 : 0.002, .stable = outage(i) ? 0.3 : 0.002, .told = i >= 40 && i < 40 + late ? 39 : i - 1}; }) == 0, late);
  BOOST_TEST(alarm_of([&](int i) { return Scrape{.own = outage(i) ? 0.3 : 0.002, .told = i - 1}; }) > 0);
}

BOOST_AUTO_TEST_CASE(a_coordinator_that_begins_anew_tells_nothing_of_the_scrapes_before) {
  for (const int anew : {43, 44}) {  // before the history stands in
    const auto share = [](int i) { return i >= 40 && i < 43 ? 0.3 : 0.002; };
    const auto shared = [&](int i) { return Scrape{.own = share(i), .stable = share(i), .told = i - 1, .away = i >= 40 && i < anew, .anew = i == anew}; };
    BOOST_TEST(alarm_of(shared) == 0, anew);
  }
  BOOST_TEST(alarm_of([](int i) { return Scrape{.own = i >= 60 ? 0.05 : 0.002, .told = i - 1, .anew = i == 50}; }) > 0);
}

BOOST_AUTO_TEST_CASE(hardly_any_traffic_never_passes) {
  for (int i = 0; i < 100; ++i) {
    Release release({.requests = 0.5}, static_cast<std::uint64_t>(i));
    BOOST_TEST(release.alarm() == 0);
    BOOST_TEST(release.log_pass_evidence() < std::log(100));
  }
}

BOOST_AUTO_TEST_CASE(a_short_history_without_errors_does_not_make_the_first_error_an_outrage) {
  wire::MetricCounts history;
  history.metric = "errors";
  history.counts = {450, 0};
  history.windows = 45;
  MetricJudge judge(history, nullptr, JudgeSettings{});
  for (int i = 0; i < 120; ++i) {
    const bool fails = i == 50;
    judge.scrape(std::array<double, 2>{fails ? 9.0 : 10.0, fails ? 1.0 : 0.0}, Time{Duration{5'000 * i}});
  }
  MetricEvidence out;
  judge.describe(out);
  BOOST_TEST(out.log_pass_evidence >= std::log(100));
}

BOOST_AUTO_TEST_CASE(health_passes_and_the_effect_that_matters_does_not) {
  int passed = 0, wrongly = 0;
  constexpr int releases = 200;
  for (int i = 0; i < releases; ++i) {
    Release healthy({}, static_cast<std::uint64_t>(i)), faulty({.rise = 0.01}, static_cast<std::uint64_t>(i));
    healthy.alarm(60);
    faulty.alarm(60);
    passed += healthy.log_pass_evidence() >= std::log(100);
    wrongly += faulty.log_pass_evidence() >= std::log(100);
  }
  BOOST_TEST(passed >= releases * 95 / 100);
  BOOST_TEST(wrongly <= releases / 100);
}

BOOST_AUTO_TEST_SUITE_END()
