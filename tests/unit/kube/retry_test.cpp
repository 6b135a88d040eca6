#include "lib/kube/retry.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::kube;

BOOST_AUTO_TEST_SUITE(kube_retry)

BOOST_AUTO_TEST_CASE(repeats_only_what_can_do_no_harm_twice) {
  struct Case {
    std::string_view method, body;
    bool repeatable;
  };
  const Case cases[] = {
      {"GET", "", true},
      {"DELETE", "", true},
      {"POST", R"({"metadata":{"resourceVersion":"1"}})", false},
      {"PATCH", R"({"metadata":{"resourceVersion":"1"}})", false},
      {"PUT", R"({"metadata":{"resourceVersion":"1"}})", true},
      {"PUT", R"({"metadata":{"resourceVersion":""}})", false},
      {"PUT", R"({"metadata":{}})", false},
      {"PUT", "[]", false},
      {"PUT", "{", false},
  };
  for (const Case& c : cases) BOOST_TEST(repeatable({std::string(c.method), "/", {}, std::string(c.body)}) == c.repeatable, c.method << c.body);
}

BOOST_AUTO_TEST_CASE(tries_again_what_was_not_served) {
  struct Case {
    std::string_view name;
    std::string method;
    Result<HttpResponse> outcome;
    bool again;
  };
  const Case cases[] = {
      {"busy", "POST", HttpResponse{429, {}, {}}, true},
      {"unavailable to a read", "GET", HttpResponse{503, {}, {}}, true},
      {"unavailable to a write", "POST", HttpResponse{503, {}, {}}, false},
      {"patch", "PATCH", HttpResponse{500, {}, {}}, false},
      {"server error", "GET", HttpResponse{500, {}, {}}, true},
      {"not implemented", "GET", HttpResponse{501, {}, {}}, false},
      {"gateway timeout", "DELETE", HttpResponse{504, {}, {}}, true},
      {"served", "GET", HttpResponse{200, {}, {}}, false},
      {"conflict", "GET", HttpResponse{409, {}, {}}, false},
      {"not reached", "GET", fail(Errc::unavailable, "refused"), true},
      {"not reached by a write", "POST", fail(Errc::unavailable, "refused"), false},
      {"timeout", "GET", fail(Errc::timeout, "slow"), true},
      {"too large", "GET", fail(Errc::too_large, "body"), false},
      {"ending", "GET", fail(Errc::shutting_down, "cancelled"), false},
  };
  std::mt19937_64 random(1);
  for (const Case& c : cases) {
    Retries retries(RetryPolicy{});
    BOOST_TEST(retries.next({c.method, "/", {}, {}}, c.outcome, random).has_value() == c.again, c.name);
  }
}

BOOST_AUTO_TEST_CASE(stops_at_its_bound_and_waits_longer_each_time) {
  std::mt19937_64 random(1);
  Retries retries(RetryPolicy{3, Duration{15'000}});
  const HttpRequest request;
  const Result<HttpResponse> busy = HttpResponse{503, {}, {}};
  for (const int ceiling : {200, 400, 800}) {
    const auto wait = retries.next(request, busy, random);
    BOOST_REQUIRE(wait);
    BOOST_TEST((*wait >= Duration{100} && *wait <= Duration{ceiling}));
  }
  BOOST_TEST(!retries.next(request, busy, random));
}

BOOST_AUTO_TEST_CASE(waits_as_long_as_the_server_asks_within_the_deadline) {
  struct Case {
    std::string_view header;
    Duration least;
    bool again;
  };
  const Case cases[] = {{"1", Duration{1'000}, true}, {"15", Duration{15'000}, true},  {"16", {}, false},          {"", Duration{0}, true},
                        {"-1", Duration{0}, true},    {"Wed, 21 Oct 2026 07:28:00 GMT", Duration{0}, true}, {"4294967295", {}, false}};
  std::mt19937_64 random(1);
  for (const Case& c : cases) {
    Retries retries(RetryPolicy{3, Duration{15'000}});
    const auto wait = retries.next({}, HttpResponse{429, {{"Retry-After", std::string(c.header)}}, {}}, random);
    BOOST_TEST(wait.has_value() == c.again, c.header);
    if (wait) BOOST_TEST((*wait >= c.least && *wait <= c.least + Duration{200}), c.header);
  }
}

BOOST_AUTO_TEST_SUITE_END()
