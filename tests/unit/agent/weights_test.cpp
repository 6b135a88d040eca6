#include "agent/core/weights.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace charon;
using namespace charon::agent;

namespace {

/// The combined evidence where metric `strong` alone has much: the logarithm of its share is what is missing.
double share_of(const std::vector<Part>& parts, std::size_t strong) {
  Weights weights;
  for (const Part& part : parts) weights.add(part);
  if (!weights.share_out()) return 0;
  std::vector<MetricEvidence> metrics(parts.size());
  for (MetricEvidence& metric : metrics) metric.log_evidence = -1000;
  metrics[strong].log_evidence = 900;
  return std::exp(weights.combine(metrics).log_evidence - 900);
}

const Part errors{.of = PartOf::errors, .weight = 1}, latency{.of = PartOf::latency, .weight = 1}, level{.of = PartOf::rest, .weight = 3};
const Part failures{.of = PartOf::scrape_failures, .weight = 1}, restarts{.of = PartOf::process_restarts, .weight = 1};

}  // namespace

BOOST_AUTO_TEST_SUITE(weights)

BOOST_AUTO_TEST_CASE(what_is_not_there_leaves_its_share_to_the_others) {
  const Part excluded{.of = PartOf::errors}, critical{.of = PartOf::rest, .weight = 1, .critical = true};
  struct Case { std::vector<Part> parts; std::size_t of; double share; };
  for (const auto& [parts, of, share] : {Case{{errors, latency, failures, restarts}, 0, 0.375}, {{errors, latency, failures, restarts}, 2, 0.1}, {{errors, latency, failures, restarts}, 3, 0.15},
                                         {{errors, failures, restarts}, 0, 0.75}, {{errors, excluded, failures, restarts}, 0, 0.75}, {{errors, errors, latency, failures, restarts}, 1, 0.1875},
                                         {{errors, latency, failures, restarts, level}, 0, 0.1875}, {{errors, latency, failures, restarts, level, level}, 5, 0.25}, {{level}, 0, 0.5},
                                         {{errors, failures, restarts, level, critical}, 4, 0.5 * 0.125 + 0.5}})
    BOOST_TEST(share_of(parts, of) == share, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_endpoint_alone_is_nothing_to_judge_by) {
  Weights weights;
  BOOST_TEST(!weights.share_out());
  weights.add(failures);
  weights.add(restarts);
  weights.add({.of = PartOf::errors});
  BOOST_TEST(!weights.share_out());
}

BOOST_AUTO_TEST_CASE(pass_is_the_least_of_what_decides_and_the_onset_that_of_the_strongest) {
  Weights weights;
  weights.add({.of = PartOf::errors, .weight = 1, .decides = true});
  weights.add({.of = PartOf::latency, .weight = 1, .decides = true});
  weights.add({.of = PartOf::rest, .weight = 1});
  weights.add({.of = PartOf::errors, .decides = true});  // excluded: has no weight
  BOOST_TEST_REQUIRE(weights.share_out());
  std::vector<MetricEvidence> metrics(4);
  const double pass[] = {7, 5, 2, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    metrics[i].log_pass_evidence = pass[i];
    metrics[i].since = Time{Duration{static_cast<std::int64_t>(i)}};
  }
  metrics[2].log_evidence = 3;
  const auto combined = weights.combine(metrics);
  BOOST_TEST(combined.log_pass_evidence.value() == 5);
  BOOST_TEST((combined.since == metrics[2].since));
}

BOOST_AUTO_TEST_CASE(only_a_level_rests_on_its_documented_spread) {
  Weights weights;
  weights.add(errors);
  weights.add(level);
  BOOST_TEST_REQUIRE(weights.share_out());
  std::vector<MetricEvidence> metrics(2);
  metrics[0].log_evidence = -2;  // what is no level assumes nothing, also where its evidence is below that of an e-value of 1
  metrics[1].kind = wire::MetricKind::level;
  metrics[1].log_evidence = metrics[1].log_evidence_assumed = -1;
  BOOST_TEST(!weights.combine(metrics).assumption);
  BOOST_TEST(weights.combine(metrics).log_evidence_assumed == weights.combine(metrics).log_evidence);
  metrics[1].log_evidence_assumed = 12;
  BOOST_TEST(weights.combine(metrics).assumption.value() == 1u);
  BOOST_TEST(weights.combine(metrics).log_evidence_assumed == 12 + std::log(0.5), boost::test_tools::tolerance(1e-3));
  BOOST_TEST(weights.combine(metrics).log_evidence < 0);
}

BOOST_AUTO_TEST_SUITE_END()
