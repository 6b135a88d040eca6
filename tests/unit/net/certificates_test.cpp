#include "lib/net/certificates.hpp"

#include "lib/net/openssl.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace charon;
using namespace charon::net;

namespace {

const Time begin = *parse_time("2026-01-01T00:00:00Z");
const Time end = *parse_time("2027-01-01T00:00:00Z");
const Time middle = *parse_time("2026-06-01T00:00:00Z");

openssl::Certificate parse(std::string_view pem) {
  const auto in = openssl::reader(pem);
  return openssl::Certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
}

std::string extension(X509* certificate, int nid) {
  const int at = X509_get_ext_by_NID(certificate, nid, -1);
  if (at < 0) return "absent";
  X509_EXTENSION* found = X509_get_ext(certificate, at);
  const openssl::Bio out(BIO_new(BIO_s_mem()));
  X509V3_EXT_print(out.get(), found, 0, 0);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return (X509_EXTENSION_get_critical(found) ? "critical, " : "") + std::string(data, static_cast<std::size_t>(size));
}

// What OpenSSL's verifier says of a chain: "ok" or its reason.
std::string verify(const std::string& leaf, const std::vector<std::string>& intermediates, const std::string& root, Time at = middle,
                   const char* host = nullptr) {
  const auto certificate = parse(leaf);
  const auto trusted = parse(root);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, trusted.get());
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (const auto& pem : intermediates) sk_X509_push(chain, parse(pem).release());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, certificate.get(), chain);
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(param, std::chrono::system_clock::to_time_t(at));
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
  if (host) X509_VERIFY_PARAM_set1_host(param, host, 0);
  const bool ok = X509_verify_cert(context) == 1;
  const std::string result = ok ? "ok" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  X509_STORE_CTX_free(context);
  sk_X509_pop_free(chain, X509_free);
  X509_STORE_free(store);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(certificates)

BOOST_AUTO_TEST_CASE(root_has_the_properties_of_an_authority) {
  const auto root = make_root("charon", begin, end);
  BOOST_REQUIRE(root.has_value());
  const auto certificate = parse(root->certificate_pem);
  BOOST_TEST(extension(certificate.get(), NID_basic_constraints) == "critical, CA:TRUE, pathlen:1");
  BOOST_TEST(extension(certificate.get(), NID_key_usage) == "critical, Certificate Sign, CRL Sign");
  BOOST_TEST(extension(certificate.get(), NID_subject_key_identifier) != "absent");
  BOOST_TEST(X509_get_version(certificate.get()) == X509_VERSION_3);
  BOOST_TEST(EVP_PKEY_get_bits(X509_get0_pubkey(certificate.get())) == 256);
  BOOST_TEST(issued_by(root->certificate_pem, root->certificate_pem));
}

BOOST_AUTO_TEST_CASE(server_certificate_names_hosts_and_addresses) {
  const auto root = make_root("charon", begin, end);
  const std::vector<std::string> names{"charon.charon-system.svc", "*.example.org", "10.96.0.1", "fd00::1"};
  const auto server = issue_server(*root, names, begin, end);
  BOOST_REQUIRE(server.has_value());
  const auto certificate = parse(server->certificate_pem);
  BOOST_TEST(extension(certificate.get(), NID_basic_constraints) == "critical, CA:FALSE");
  BOOST_TEST(extension(certificate.get(), NID_key_usage) == "critical, Digital Signature");
  BOOST_TEST(extension(certificate.get(), NID_ext_key_usage) == "TLS Web Server Authentication");
  BOOST_TEST(extension(certificate.get(), NID_authority_key_identifier) != "absent");
  const auto info = inspect(server->certificate_pem);
  BOOST_REQUIRE(info.has_value());
  BOOST_TEST(info->names == names, boost::test_tools::per_element());
  BOOST_TEST((info->not_before == begin && info->not_after == end));
  BOOST_TEST(issued_by(server->certificate_pem, root->certificate_pem));
  BOOST_TEST(verify(server->certificate_pem, {}, root->certificate_pem, middle, "charon.charon-system.svc") == "ok");
  BOOST_TEST(verify(server->certificate_pem, {}, root->certificate_pem, middle, "other.svc") == "hostname mismatch");
  BOOST_TEST(verify(server->certificate_pem, {}, root->certificate_pem, end + std::chrono::hours(1)) == "certificate has expired");
}

BOOST_AUTO_TEST_CASE(a_root_of_the_same_name_did_not_issue_it) {
  const auto root = make_root("charon", begin, end);
  const auto impostor = make_root("charon", begin, end);
  const auto server = issue_server(*root, {"a"}, begin, end);
  BOOST_TEST(!issued_by(server->certificate_pem, impostor->certificate_pem));
  BOOST_TEST(!issued_by("garbage", root->certificate_pem));
}

BOOST_AUTO_TEST_CASE(who_trusts_only_the_old_root_accepts_the_new_ones_certificates) {
  for (const char* new_name : {"charon 2", "charon"}) {
    const auto old_root = make_root("charon", begin, end);
    const auto new_root = make_root(new_name, begin, end);
    const auto server = issue_server(*new_root, {"charon.svc"}, begin, end);
    const auto bridge = cross_sign(*old_root, *new_root, begin, end);
    BOOST_REQUIRE(bridge.has_value());
    BOOST_TEST(verify(server->certificate_pem, {*bridge}, old_root->certificate_pem) == "ok");
    BOOST_TEST(verify(server->certificate_pem, {*bridge}, new_root->certificate_pem) == "ok");
    BOOST_TEST(verify(server->certificate_pem, {}, old_root->certificate_pem) != "ok");
    BOOST_TEST(extension(parse(*bridge).get(), NID_basic_constraints) == "critical, CA:TRUE, pathlen:0");
  }
}

BOOST_AUTO_TEST_CASE(serial_numbers_do_not_repeat) {
  std::set<std::string> serials;
  for (int i = 0; i < 20; ++i) {
    const auto root = make_root("charon", begin, end);
    const auto certificate = parse(root->certificate_pem);
    char* text = i2s_ASN1_INTEGER(nullptr, X509_get0_serialNumber(certificate.get()));
    serials.insert(text);
    BOOST_TEST(ASN1_STRING_length(X509_get0_serialNumber(certificate.get())) == 16);
    OPENSSL_free(text);
  }
  BOOST_TEST(serials.size() == 20u);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused) {
  const auto root = make_root("charon", begin, end);
  const auto other = make_root("charon", begin, end);
  BOOST_TEST(make_root("charon", end, begin).has_error());
  BOOST_TEST(make_root(std::string(65, 'x'), begin, end).has_error());
  BOOST_TEST(issue_server(*root, {}, begin, end).has_error());
  const std::vector<std::string> bad_names{"", "a b", "a\nb", "DNS:a,email:b", "file:///etc", ".a", std::string(300, 'a')};
  for (const std::string& name : bad_names)
    BOOST_TEST(issue_server(*root, {name}, begin, end).has_error(), name);
  const KeyPair mixed{root->certificate_pem, other->key_pem};
  BOOST_TEST(issue_server(mixed, {"a"}, begin, end).has_error());
  BOOST_TEST(cross_sign({"", ""}, *root, begin, end).has_error());
  BOOST_TEST(inspect("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").has_error());
  const std::string long_name(70, 'a');
  BOOST_TEST(issue_server(*root, {long_name + ".svc"}, begin, end).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
