#include "injector/core/authority_plan.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::injector;
using std::chrono::days;

namespace {

const Time start = parse_time("2026-11-23T12:00:00Z").value();
const std::vector<std::string> names{"a.ns.svc", "a.ns.svc.cluster.local"};

Validity life(int from, int until) { return {start + days{from}, start + days{until}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(authority_plan)

BOOST_AUTO_TEST_CASE(roots) {
  struct Case {
    const char* what;
    std::optional<Validity> root, previous;
    int day;
    RootAction expected;
  };
  const Case cases[] = {
      {"none", {}, {}, 0, RootAction::create},
      {"fresh", life(0, 300), {}, 1, RootAction::keep},
      {"just before two thirds", life(0, 300), {}, 199, RootAction::keep},
      {"two thirds", life(0, 300), {}, 200, RootAction::rotate},
      {"expired", life(0, 300), {}, 300, RootAction::create},
      {"rotated", life(200, 500), life(0, 300), 210, RootAction::keep},
      {"due, and the one before still believed", life(200, 260), life(0, 300), 250, RootAction::keep},
      {"the one before expired", life(200, 500), life(0, 300), 300, RootAction::drop_previous},
  };
  for (const Case& c : cases) BOOST_TEST((plan_root(c.root, c.previous, start + days{c.day}) == c.expected), c.what);
}

BOOST_AUTO_TEST_CASE(a_root_that_pods_know_is_not_lost_with_its_secret) {
  using Secret = StoredAuthority::Secret;
  using std::chrono::minutes;
  struct Case {
    const char* what;
    StoredAuthority seen;
    AuthoritySource expected;
  };
  const Case cases[] = {
      {"first start", {Secret::absent, false, false, true, false, minutes{0}}, AuthoritySource::create},
      {"start", {Secret::readable, false, false, true, false, {}}, AuthoritySource::stored},
      {"as ever", {Secret::readable, true, true, true, false, {}}, AuthoritySource::stored},
      {"deleted", {Secret::absent, true, true, true, false, {}}, AuthoritySource::write_back},
      {"overwritten with garbage", {Secret::unreadable, true, true, true, false, minutes{9}}, AuthoritySource::write_back},
      {"replaced", {Secret::readable, true, true, false, false, {}}, AuthoritySource::cross_sign},
      {"put back from a backup", {Secret::readable, true, true, false, true, {}}, AuthoritySource::write_back},
      {"started after it was deleted", {Secret::absent, true, false, true, false, minutes{2}}, AuthoritySource::wait},
      {"nobody held it", {Secret::absent, true, false, true, false, minutes{3}}, AuthoritySource::create},
      {"started with garbage", {Secret::unreadable, false, false, true, false, minutes{2}}, AuthoritySource::wait},
      {"garbage for good", {Secret::unreadable, false, false, true, false, minutes{3}}, AuthoritySource::create},
  };
  for (const Case& c : cases) BOOST_TEST((plan_source(c.seen) == c.expected), c.what);
}

BOOST_AUTO_TEST_CASE(server_certificates) {
  const LeafState good{life(0, 90), names, true, true};
  BOOST_TEST(!plan_leaf(good, names, start + days{59}));
  BOOST_TEST(!plan_leaf(good, {names[1], names[0]}, start));
  BOOST_TEST(plan_leaf(std::nullopt, names, start));
  BOOST_TEST(plan_leaf(good, names, start + days{60}));
  BOOST_TEST(plan_leaf(good, {names[0]}, start));
  LeafState other_root = good;
  other_root.issued_by_root = false;
  BOOST_TEST(plan_leaf(other_root, names, start));
  LeafState old_bundle = good;
  old_bundle.bundle_current = false;
  BOOST_TEST(plan_leaf(old_bundle, names, start));
}

BOOST_AUTO_TEST_SUITE_END()
