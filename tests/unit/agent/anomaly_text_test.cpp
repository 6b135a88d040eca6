#include "agent/core/anomaly_text.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

using namespace charon;
using namespace charon::agent;

BOOST_AUTO_TEST_SUITE(anomaly)

BOOST_AUTO_TEST_CASE(the_line_names_the_strongest_culprit_and_the_combined_evidence) {
  Evidence evidence;
  evidence.log_evidence = std::log(1'800.0);
  evidence.log_needed = std::log(1'000.0);
  evidence.metrics.resize(3);
  evidence.metrics[0].metric = "http_request_duration_seconds";
  evidence.metrics[0].log_evidence = 1;
  evidence.metrics[0].weight = evidence.metrics[1].weight = 0.375;
  evidence.metrics[1].metric = "http_requests_total{code=\"5xx\"}";
  evidence.metrics[1].log_evidence = 9;
  evidence.metrics[1].baseline = 0.001;
  evidence.metrics[1].now = 0.078;
  evidence.metrics[2].metric = "ignored";
  evidence.metrics[2].log_evidence = 99;
  evidence.metrics[2].excluded = Excluded::ignored;
  BOOST_TEST(anomaly_text(evidence) == "ANOMALY! Metric: http_requests_total{code=\"5xx\"}; Probability: 0.9994; baseline 0.1%, now 7.8%; evidence 1.8e3 of 1e3");
  BOOST_TEST(culprits(evidence).size() == 2U);
}

BOOST_AUTO_TEST_CASE(nothing_to_say_without_a_culprit) { BOOST_TEST(anomaly_text({}) == ""); }

BOOST_AUTO_TEST_CASE(numbers_are_short) {
  BOOST_TEST(percent_text(0) == "0.0%");
  BOOST_TEST(percent_text(0.00001) == "<0.01%");
  BOOST_TEST(percent_text(0.0005) == "0.05%");
  BOOST_TEST(percent_text(0.0999) == "10.0%");
  BOOST_TEST(percent_text(1) == "100.0%");
  BOOST_TEST(evidence_text(0) == "1");
  BOOST_TEST(evidence_text(std::log(25.0)) == "25");
  BOOST_TEST(evidence_text(std::log(99.7)) == "1e2");
  BOOST_TEST(evidence_text(std::log(9.97e5)) == "1e6");
  BOOST_TEST(evidence_text(std::log(0.25)) == "0.25");
  BOOST_TEST(evidence_text(-50) == "0");
  BOOST_TEST(evidence_text(700) == "1e304");
  BOOST_TEST(evidence_text(std::numeric_limits<double>::infinity()) == "never");
}

BOOST_AUTO_TEST_CASE(probability_stays_below_one_and_above_zero) {
  BOOST_TEST(probability_text(-3) == "0.0000");
  BOOST_TEST(probability_text(0) == "0.0000");
  BOOST_TEST(probability_text(std::log(2.0)) == "0.5000");
  BOOST_TEST(probability_text(800) == "0.9999");
}

BOOST_AUTO_TEST_SUITE_END()
