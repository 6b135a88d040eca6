#include "lib/net/tls.hpp"

#include "lib/net/certificates.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::net;

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(roots_must_be_whole_certificates) {
  const Time now = wall_now();
  const std::string a = make_root("a", now, now + std::chrono::hours(1))->certificate_pem;
  const std::string b = make_root("b", now, now + std::chrono::hours(1))->certificate_pem;
  BOOST_TEST(TlsClient::create(a + "comment\n" + b).has_value());
  BOOST_TEST(TlsClient::create("").has_value());
  std::string damaged = b;
  damaged[damaged.size() / 2] = '!';
  for (const std::string& bad : {std::string("text"), damaged, a + damaged, a.substr(0, a.size() / 2)}) {
    const auto client = TlsClient::create(bad);
    BOOST_REQUIRE(client.has_error());
    BOOST_TEST(client.error().is(Errc::invalid_input));
  }
}

BOOST_AUTO_TEST_CASE(a_servers_key_must_be_its_certificates) {
  const Time now = wall_now();
  const auto one = make_root("a", now, now + std::chrono::hours(1));
  const auto other = make_root("a", now, now + std::chrono::hours(1));
  BOOST_TEST(TlsServer::create(one->certificate_pem, one->key_pem).has_value());
  BOOST_TEST(TlsServer::create(one->certificate_pem, other->key_pem).has_error());
  BOOST_TEST(TlsServer::create("", one->key_pem).has_error());
  BOOST_TEST(TlsServer::create(one->certificate_pem, "").has_error());
}

BOOST_AUTO_TEST_CASE(a_failed_replacement_leaves_the_old_identity) {
  const Time now = wall_now();
  const auto one = make_root("a", now, now + std::chrono::hours(1));
  const auto server = *TlsServer::create(one->certificate_pem, one->key_pem);
  const auto before = server->context();
  BOOST_TEST(server->replace("garbage", one->key_pem).has_error());
  BOOST_TEST(server->context() == before);
}

BOOST_AUTO_TEST_SUITE_END()
