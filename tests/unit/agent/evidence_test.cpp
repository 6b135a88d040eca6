#include "agent/core/evidence.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace charon;
using namespace charon::agent;

namespace {

/// Of metrics "a", "b", ... each with its weight and e-value.
Evidence evidence_of(const std::vector<std::pair<double, double>>& metrics, double needed = 6'000) {
  Evidence out;
  out.log_needed = std::log(needed);
  for (const auto& [weight, e] : metrics) {
    MetricEvidence& metric = out.metrics.emplace_back();
    metric.metric = std::string(1, static_cast<char>('a' + out.metrics.size() - 1));
    metric.weight = weight;
    metric.log_evidence = std::log(e);
  }
  return out;
}

/// "b a | c": named ones, then those that are shown only.
std::string listed(const Evidence& evidence) {
  std::string out;
  bool named = true;
  for (const wire::Culprit& culprit : culprits(evidence)) {
    if (named && !culprit.named) out += "| ";
    named = culprit.named;
    out += culprit.metric + " ";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(culprits_of_a_pod)

BOOST_AUTO_TEST_CASE(those_are_named_whose_weighted_evidence_passes_e_bh_at_five_percent) {
  // One alone needs weight times evidence of 20, two 10 each, three 6.67.
  struct Case { std::vector<std::pair<double, double>> metrics; std::string_view listed; };
  for (const auto& [metrics, expected] : {Case{{{0.375, 50}, {0.375, 2}, {0.15, 1}, {0.1, 0.5}}, "| a b "},       // 18.75
                                          {{{0.375, 54}, {0.375, 2}, {0.15, 1}, {0.1, 0.5}}, "a | b "},           // 20.25
                                          {{{0.375, 30}, {0.375, 40}, {0.15, 20}, {0.1, 1}}, "b a | c "},         // 11.25, 15, 3
                                          {{{0.375, 1'000}, {0.1, 2'000}, {0.1, 90}}, "a b c "},                  // 375, 200, 9
                                          {{{0.01, 1'500}, {0.5, 100}, {0.1, 1}}, "b a "}})                       // 15, 50: weight orders too
    BOOST_TEST(listed(evidence_of(metrics)) == expected);
}

BOOST_AUTO_TEST_CASE(what_has_no_part_in_the_verdict_is_no_culprit) {
  Evidence evidence = evidence_of({{0.5, 1e6}, {0.5, 1e5}, {0, 1e9}});
  evidence.metrics[1].excluded = Excluded::ignored;
  BOOST_TEST(listed(evidence) == "a ");
}

BOOST_AUTO_TEST_CASE(a_fail_names_somebody_also_where_alpha_is_large) {
  // Evidence of 20 in all is a fail at an alpha of 5%, and no metric has 20 alone: 12, 6, 2.
  const std::vector<std::pair<double, double>> thin{{0.4, 30}, {0.4, 15}, {0.2, 10}};
  BOOST_TEST(listed(evidence_of(thin, 20)) == "a b | c ");  // at 5% times 11/6: 10.9, 5.5, 3.6
  BOOST_TEST(listed(evidence_of(thin)) == "| a b c ");
}

BOOST_AUTO_TEST_CASE(alarms_of_the_classic_engine_are_all_named) {
  Evidence evidence = evidence_of({{0, 7}, {0, 1}, {0, 9}});
  evidence.detector = wire::DetectorKind::anomalyzer;
  BOOST_TEST(listed(evidence) == "c a ");
}

BOOST_AUTO_TEST_CASE(a_report_holds_the_strongest_that_fit) {
  BOOST_TEST(culprits(evidence_of(std::vector<std::pair<double, double>>(20, {0.05, 1e6}))).size() == wire::max_culprits);
}

BOOST_AUTO_TEST_SUITE_END()
