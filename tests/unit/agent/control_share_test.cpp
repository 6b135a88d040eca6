#include "agent/core/control_share.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::agent;

namespace {

/// A history of 1% bad in 720 scrapes of so many requests, then `blocks` of control at the same.
ControlShare usual(double requests, int blocks = 30, double bad = 0.01) {
  ControlShare share;
  share.expect({720 * requests, 720 * bad * requests}, 720, 0.3);
  for (int i = 0; i < blocks; ++i) share.add({requests, bad * requests}, 1, 1);
  return share;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(control_share)

BOOST_AUTO_TEST_CASE(before_any_control_the_history_is_what_is_known) {
  const ControlShare share = usual(500, 0);
  BOOST_TEST(share.served() == 0);
  BOOST_TEST(std::abs(share.likely().mean - 0.01) < 1e-3);
  BOOST_TEST(share.most().mean >= share.likely().mean);
}

BOOST_AUTO_TEST_CASE(what_all_pods_suffer_is_seen_with_the_first_block_at_any_traffic) {
  for (const double requests : {20.0, 500.0, 5'000.0}) {
    ControlShare share = usual(requests);
    BOOST_TEST(share.most().mean < 0.02);
    share.add({requests, 0.3 * requests}, 1, 1);
    BOOST_TEST(share.most().mean > 0.2, requests << " requests");
  }
}

BOOST_AUTO_TEST_CASE(an_outage_of_a_few_requests_is_seen_within_a_few_blocks) {
  ControlShare share = usual(1.5);
  for (int i = 0; i < 6; ++i) share.add({1.5, 0.45}, 1, 1);
  BOOST_TEST(share.most().mean > 0.1);
  ControlShare rare = usual(15, 30, 0.001);
  for (int i = 0; i < 6; ++i) rare.add({15, 4.5}, 1, 1);
  BOOST_TEST(rare.most().mean > 0.1);
}

BOOST_AUTO_TEST_CASE(pods_that_report_one_after_the_other_are_worth_what_they_are_at_once) {
  ControlShare together = usual(30, 0), apart = usual(30, 0);
  for (int i = 0; i < 50; ++i) {
    together.add({30, i % 3 == 0 ? 3.0 : 0.0}, 3, 3);
    for (int pod = 0; pod < 3; ++pod) apart.add({10, i % 3 == 0 ? 1.0 : 0.0}, 1, 3);
  }
  BOOST_TEST(apart.served() == together.served(), boost::test_tools::tolerance(0.1));
  BOOST_TEST(apart.likely().mean == together.likely().mean, boost::test_tools::tolerance(0.1));
  BOOST_TEST(apart.most().relative_variance == together.most().relative_variance, boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(an_outage_that_ended_is_forgotten) {
  ControlShare share = usual(500);
  for (int i = 0; i < 20; ++i) share.add({500, 150}, 1, 1);
  for (int i = 0; i < 60; ++i) share.add({500, 5}, 1, 1);
  BOOST_TEST(share.most().mean < 0.02);
}

BOOST_AUTO_TEST_CASE(a_quiet_control_of_few_requests_does_not_make_the_share_zero) {
  ControlShare share = usual(5);
  for (int i = 0; i < 100; ++i) share.add({5, 0}, 1, 1);
  BOOST_TEST(share.most().mean > 0.005);
  BOOST_TEST(share.most().relative_variance <= 1);
}

BOOST_AUTO_TEST_CASE(less_than_the_history_showed_is_believed_where_the_control_surely_shows_it) {
  ControlShare few = usual(5, 0, 0.05), many = usual(500, 0, 0.05);
  for (int i = 0; i < 30; ++i) few.add({5, i % 10 == 0 ? 1.0 : 0}, 1, 1), many.add({500, 10}, 1, 1);  // 2%
  BOOST_TEST(few.most().mean == 0.05, boost::test_tools::tolerance(0.01));
  BOOST_TEST(many.most().mean < 0.04);
}

BOOST_AUTO_TEST_CASE(over_dispersed_counts_are_never_worth_more_than_their_scrapes_allow) {
  // However many requests: ten scrapes in sight with a cv of 0.3 each leave a relative variance of 0.09/10.
  BOOST_TEST(usual(1e6).likely().relative_variance > 0.09 / 13);
  BOOST_TEST(usual(1e6).likely().relative_variance < 0.09 / 8);
}

BOOST_AUTO_TEST_SUITE_END()
