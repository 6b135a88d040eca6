#include "injector/core/creation_refusals.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon;
using namespace charon::injector;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const Time start = parse_time("2026-11-23T12:00:00Z").value();
const WorkloadKey web{"shop", "ReplicaSet", "web-1"};

boost::json::object event(std::string_view message, std::string_view reason = "FailedCreate") {
  return {{"reason", reason},
          {"message", message},
          {"involvedObject", boost::json::object{{"kind", "ReplicaSet"}, {"namespace", "shop"}, {"name", "web-1"}}},
          {"lastTimestamp", "2026-11-23T12:00:00Z"}};
}

FailedCreation failure(Time when) { return {web, "exceeded quota", when}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(creation_refusals)

BOOST_AUTO_TEST_CASE(refusals_are_told_from_other_failures) {
  const std::pair<const char*, bool> cases[] = {
      {R"(Error creating: pods "web-1-x" is forbidden: exceeded quota: q, requested: limits.cpu=100m, used: limits.cpu=2, limited: limits.cpu=2)", true},
      {R"(Error creating: pods "web-1-x" is forbidden: violates PodSecurity "restricted:latest": seccompProfile (container "charon-agent" ...))", true},
      {R"(Error creating: admission webhook "validate.kyverno.svc" denied the request: image registry)", true},
      {R"(Error creating: Pod "web-1-x" is invalid: spec.containers[1].resources.requests: Invalid value: "1")", true},
      {R"(Error creating: pods "web-1-x" is forbidden: unable to create new content in namespace shop because it is being terminated)", false},
      {R"(Error creating: Timeout: request did not complete within requested timeout - context deadline exceeded)", false},
      {R"(Error creating: etcdserver: leader changed)", false},
  };
  for (const auto& [message, expected] : cases) BOOST_TEST(failed_creation(event(message)).has_value() == expected, message);
  BOOST_TEST(!failed_creation(event("forbidden", "FailedScheduling")).has_value());
  BOOST_TEST(!failed_creation({}).has_value());
  const auto read = failed_creation(event("is forbidden"));
  BOOST_TEST((read->workload == web));
  BOOST_TEST((read->when == start));
}

BOOST_AUTO_TEST_CASE(only_a_refusal_soon_after_an_injection_is_the_agents_fault) {
  struct Case {
    const char* what;
    bool injected;
    Duration after;
    bool expected;
  };
  const Case cases[] = {{"never injected", false, seconds{1}, false}, {"same second", true, Duration{-500}, true}, {"soon", true, seconds{30}, true},
                        {"before it", true, -minutes{1}, false},      {"long after", true, minutes{6}, false}};
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) {
    CreationRefusals refusals({});
    if (c.injected) refusals.injected(web, start);
    BOOST_TEST(refusals.refused(failure(start + c.after), start + minutes{7}) == c.expected);
    BOOST_TEST(refusals.held(web, start + minutes{7}).has_value() == c.expected);
  }
}

BOOST_AUTO_TEST_CASE(a_held_workload_goes_bare_for_a_time_that_doubles) {
  CreationRefusals refusals({});
  refusals.injected(web, start);
  BOOST_TEST(refusals.refused(failure(start), start));
  BOOST_TEST(refusals.held(web, start + minutes{9}).value() == "exceeded quota");
  BOOST_TEST(!refusals.held({"shop", "ReplicaSet", "api-1"}, start).has_value());
  BOOST_TEST(refusals.holds(start) == 1);
  // While it is held, failures are not the agent's.
  BOOST_TEST(!refusals.refused(failure(start + minutes{5}), start + minutes{5}));
  BOOST_TEST(!refusals.held(web, start + minutes{10}).has_value());
  refusals.injected(web, start + minutes{11});
  BOOST_TEST(refusals.refused(failure(start + minutes{11}), start + minutes{11}));
  BOOST_TEST(refusals.held(web, start + minutes{30}).has_value());
  BOOST_TEST(!refusals.held(web, start + minutes{31}).has_value());
}

BOOST_AUTO_TEST_CASE(the_table_is_bounded_and_forgets_what_lies_back_furthest) {
  CreationRefusals refusals({});
  refusals.injected(web, start);
  refusals.refused(failure(start), start);
  for (int i = 0; i < 5000; ++i) refusals.injected({"shop", "ReplicaSet", std::to_string(i)}, start + seconds{1} + Duration{i});
  BOOST_TEST(refusals.held(web, start + minutes{1}).has_value());
  BOOST_TEST(!refusals.refused({{"shop", "ReplicaSet", "0"}, "forbidden", start + seconds{2}}, start + seconds{2}));
  BOOST_TEST(refusals.refused({{"shop", "ReplicaSet", "4999"}, "forbidden", start + seconds{6}}, start + seconds{6}));
}

BOOST_AUTO_TEST_SUITE_END()
