#include "coordinator/core/registry_secret.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::coordinator;
namespace json = boost::json;

namespace {

charon::Result<RegistrySecret> read(json::value data) {
  json::object metadata{{"name", "harbour"}};
  json::object secret{{"metadata", std::move(metadata)}};
  secret["data"] = std::move(data);
  return read_registry_secret(secret);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(registry_secret)

BOOST_AUTO_TEST_CASE(token_namespaces_and_host_are_read) {
  // "0123456789abcdef\n", "shop, bank\nblog", "10.0.0.1:5000"
  const auto secret = read({{"token", "MDEyMzQ1Njc4OWFiY2RlZgo="}, {"namespaces", "c2hvcCwgYmFuawpibG9n"}, {"host", "MTAuMC4wLjE6NTAwMA=="}});
  BOOST_REQUIRE(secret.has_value());
  BOOST_TEST(secret->name == "harbour");
  BOOST_TEST(secret->token == "0123456789abcdef");
  BOOST_TEST(secret->namespaces == (std::vector<std::string>{"shop", "bank", "blog"}), boost::test_tools::per_element());
  BOOST_TEST(secret->host == "10.0.0.1:5000");
}

BOOST_AUTO_TEST_CASE(an_unfit_secret_is_refused_without_telling_it) {
  const json::value unfit[] = {nullptr,
                               json::object{},
                               {{"token", "MDEyMzQ1Njc4OWFiY2RlZgo="}},
                               {{"token", "MDEyMzQ1Njc4OWFiY2RlZgo="}, {"namespaces", "LCA="}},  // ", "
                               {{"token", "c2hvcnQ="}, {"namespaces", "c2hvcA=="}},               // "short"
                               {{"token", "c2hv*nQ="}, {"namespaces", "c2hvcA=="}},
                               {{"token", 7}, {"namespaces", "c2hvcA=="}}};
  for (const json::value& data : unfit) BOOST_TEST_CONTEXT(data) {
    const auto secret = read(data);
    BOOST_REQUIRE(secret.has_error());
    BOOST_TEST(secret.error().context.find("short") == std::string::npos);
    BOOST_TEST(secret.error().context.find("harbour") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
