#include "coordinator/core/registry_grants.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::coordinator;
namespace json = boost::json;

namespace {

RegistryGrants read(json::value data) {
  json::object secret{{"kind", "Secret"}};
  secret["data"] = std::move(data);
  return RegistryGrants::read(secret);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(registry_grants)

BOOST_AUTO_TEST_CASE(a_secret_is_good_for_the_namespaces_that_hold_it) {
  // "0123456789abcdef\n" twice, "fedcba9876543210", "10.0.0.1:5000"
  const auto grants = read({{"shop", "MDEyMzQ1Njc4OWFiY2RlZgo="}, {"shop.host", "MTAuMC4wLjE6NTAwMA=="},
                            {"bank", "ZmVkY2JhOTg3NjU0MzIxMA=="}, {"blog", "MDEyMzQ1Njc4OWFiY2RlZgo="}});
  BOOST_TEST(grants.warnings().empty());
  const auto both = grants.find("0123456789abcdef");
  BOOST_REQUIRE(both.size() == 2u);
  BOOST_TEST(both[0].ns == "blog");
  BOOST_TEST(both[0].host == "");
  BOOST_TEST(both[1].ns == "shop");
  BOOST_TEST(both[1].host == "10.0.0.1:5000");
  BOOST_TEST(grants.find("fedcba9876543210").size() == 1u);
  for (const std::string_view wrong : {"", "0123456789abcdeF", "0123456789abcdef0", "shop"}) BOOST_TEST(grants.find(wrong).empty());
}

BOOST_AUTO_TEST_CASE(what_is_unfit_is_left_out_and_said_without_its_value) {
  const auto grants = read({{"short", "c2hvcnQ="},  // "short"
                            {"broken", "c2hv*nQ="}, {"number", 7}, {"other.host", "MTAuMC4wLjE6NTAwMA=="}, {"a.b", "MDEyMzQ1Njc4OWFiY2RlZgo="},
                            {"good", "MDEyMzQ1Njc4OWFiY2RlZgo="}});
  BOOST_TEST(grants.size() == 1u);
  BOOST_TEST(grants.warnings().size() == 5u);
  for (const std::string& warning : grants.warnings()) BOOST_TEST(warning.find("10.0.0.1") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_secret_grants_nothing) {
  BOOST_TEST(read(nullptr).size() == 0u);
  BOOST_TEST(read(json::object{}).find("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
