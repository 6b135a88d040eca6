#include "lib/net/certificates.hpp"

#include "lib/net/openssl.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <ctime>
#include <string>

namespace charon::net {
namespace {

constexpr int serial_bits = 128;
constexpr std::size_t max_common_name = 64;  // RFC 5280, appendix A: ub-common-name

struct Root {
  openssl::Certificate certificate;
  openssl::Key key;
};

openssl::Certificate read_certificate(std::string_view pem) {
  const auto in = openssl::reader(pem);
  openssl::Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

int no_password(char*, int, int, void*) { return -1; }  // OpenSSL would ask on the terminal

Result<Root> read_root(const KeyPair& pair) {
  Root root{read_certificate(pair.certificate_pem), nullptr};
  if (!root.certificate) return fail(Errc::invalid_input, "root certificate is not PEM");
  const auto in = openssl::reader(pair.key_pem);
  root.key.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
  if (!root.key) return openssl::error("root key is not PEM");
  if (X509_check_private_key(root.certificate.get(), root.key.get()) != 1) return openssl::error("root key does not match its certificate");
  return root;
}

std::string to_pem(BIO* out) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string to_pem(X509* certificate) {
  const openssl::Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate);
  return to_pem(out.get());
}

std::string to_pem(EVP_PKEY* key) {
  const openssl::Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return to_pem(out.get());
}

bool random_serial(X509* certificate) {
  const openssl::Serial number(BN_new());
  return number && BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

std::time_t seconds(Time time) { return static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count()); }

// A certificate without names, extensions and signature yet.
Result<openssl::Certificate> blank(EVP_PKEY* key, Time not_before, Time not_after) {
  if (not_after <= not_before) return fail(Errc::invalid_input, "certificate ends before it begins");
  openssl::Certificate certificate(X509_new());
  X509* x = certificate.get();
  const bool done = x && X509_set_version(x, X509_VERSION_3) == 1 && random_serial(x) &&
                    ASN1_TIME_set(X509_getm_notBefore(x), seconds(not_before)) && ASN1_TIME_set(X509_getm_notAfter(x), seconds(not_after)) &&
                    X509_set_pubkey(x, key) == 1;
  if (!done) return openssl::error("certificate");
  return certificate;
}

bool set_common_name(X509* certificate, std::string_view name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1, 0) == 1;
}

// `value` is one of our own constants, never outside input: this syntax can name files.
bool extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const openssl::Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool is_dns_name(std::string_view name) {
  if (name.substr(0, 2) == "*.") name.remove_prefix(2);
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  return !name.empty() && name.size() <= 253 && name.front() != '.' && name.find_first_not_of(allowed) == std::string_view::npos;
}

Result<openssl::Names> alternative_names(const std::vector<std::string>& names) {
  openssl::Names out(GENERAL_NAMES_new());
  for (const std::string& name : names) {
    GENERAL_NAME* entry = GENERAL_NAME_new();
    sk_GENERAL_NAME_push(out.get(), entry);
    if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str())) {
      GENERAL_NAME_set0_value(entry, GEN_IPADD, address);
      continue;
    }
    ERR_clear_error();
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    GENERAL_NAME_set0_value(entry, GEN_DNS, text);
    if (!is_dns_name(name)) return fail(Errc::invalid_input, "certificate name '" + name + "'");
    ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
  }
  return out;
}

bool sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 && X509_sign(certificate, key, EVP_sha256()) > 0;
}

constexpr const char* authority_usage = "critical,keyCertSign,cRLSign";

}  // namespace

Result<KeyPair> make_root(std::string_view common_name, Time not_before, Time not_after) {
  const openssl::Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl::error("key");
  const auto certificate = blank(key.get(), not_before, not_after);
  if (!certificate) return certificate.error();
  X509* x = certificate->get();
  const bool done = set_common_name(x, common_name) && extend(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:1") &&
                    extend(x, x, NID_key_usage, authority_usage) && extend(x, x, NID_subject_key_identifier, "hash") &&
                    sign(x, x, key.get());
  if (!done) return openssl::error("root certificate");
  return KeyPair{to_pem(x), to_pem(key.get())};
}

Result<KeyPair> issue_server(const KeyPair& root_pair, const std::vector<std::string>& names, Time not_before, Time not_after) {
  if (names.empty()) return fail(Errc::invalid_input, "certificate without a name");
  const auto root = read_root(root_pair);
  if (!root) return root.error();
  const openssl::Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl::error("key");
  const auto certificate = blank(key.get(), not_before, not_after);
  if (!certificate) return certificate.error();
  const auto alternatives = alternative_names(names);
  if (!alternatives) return alternatives.error();
  X509* x = certificate->get();
  X509* issuer = root->certificate.get();
  // Verifiers read the alternative names only (RFC 9110, 4.3.4); the common name is for people.
  const std::string_view common_name = names.front().size() <= max_common_name ? std::string_view(names.front()) : "charon";
  const bool done = set_common_name(x, common_name) && extend(x, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    extend(x, issuer, NID_key_usage, "critical,digitalSignature") && extend(x, issuer, NID_ext_key_usage, "serverAuth") &&
                    extend(x, issuer, NID_subject_key_identifier, "hash") && extend(x, issuer, NID_authority_key_identifier, "keyid:always") &&
                    X509_add1_ext_i2d(x, NID_subject_alt_name, alternatives->get(), 0, 0) == 1 && sign(x, issuer, root->key.get());
  if (!done) return openssl::error("server certificate");
  return KeyPair{to_pem(x), to_pem(key.get())};
}

Result<std::string> cross_sign(const KeyPair& old_pair, const KeyPair& new_pair, Time not_before, Time not_after) {
  const auto old_root = read_root(old_pair);
  if (!old_root) return old_root.error();
  const auto new_root = read_certificate(new_pair.certificate_pem);
  if (!new_root) return fail(Errc::invalid_input, "new root certificate is not PEM");
  const auto certificate = blank(X509_get0_pubkey(new_root.get()), not_before, not_after);
  if (!certificate) return certificate.error();
  X509* x = certificate->get();
  X509* issuer = old_root->certificate.get();
  const bool done = X509_set_subject_name(x, X509_get_subject_name(new_root.get())) == 1 &&
                    extend(x, issuer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") && extend(x, issuer, NID_key_usage, authority_usage) &&
                    extend(x, issuer, NID_subject_key_identifier, "hash") && extend(x, issuer, NID_authority_key_identifier, "keyid:always") &&
                    sign(x, issuer, old_root->key.get());
  if (!done) return openssl::error("cross-signed certificate");
  return to_pem(x);
}

namespace {

Result<Time> to_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return openssl::error("certificate's validity");
  return Time(std::chrono::seconds(timegm(&parts)));
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* bytes = ASN1_STRING_get0_data(address);
  if (ASN1_STRING_length(address) == 4) {
    boost::asio::ip::address_v4::bytes_type v4;
    std::copy_n(bytes, v4.size(), v4.begin());
    return boost::asio::ip::address_v4(v4).to_string();
  }
  if (ASN1_STRING_length(address) != 16) return {};
  boost::asio::ip::address_v6::bytes_type v6;
  std::copy_n(bytes, v6.size(), v6.begin());
  return boost::asio::ip::address_v6(v6).to_string();
}

}  // namespace

Result<CertificateInfo> inspect(std::string_view certificate_pem) {
  const auto certificate = read_certificate(certificate_pem);
  if (!certificate) return fail(Errc::invalid_input, "certificate is not PEM");
  const auto not_before = to_time(X509_get0_notBefore(certificate.get()));
  if (!not_before) return not_before.error();
  const auto not_after = to_time(X509_get0_notAfter(certificate.get()));
  if (!not_after) return not_after.error();
  CertificateInfo info{*not_before, *not_after, {}};
  const openssl::Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type == GEN_DNS) {
      const auto* text = static_cast<const ASN1_IA5STRING*>(value);
      info.names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(ASN1_STRING_length(text)));
    } else if (type == GEN_IPADD) {
      info.names.push_back(address_text(static_cast<const ASN1_OCTET_STRING*>(value)));
    }
  }
  return info;
}

bool issued_by(std::string_view certificate_pem, std::string_view root_pem) {
  const auto certificate = read_certificate(certificate_pem);
  const auto root = read_certificate(root_pem);
  if (!certificate || !root) return false;
  const bool issued = X509_check_issued(root.get(), certificate.get()) == X509_V_OK &&
                      X509_verify(certificate.get(), X509_get0_pubkey(root.get())) == 1;
  ERR_clear_error();
  return issued;
}

}  // namespace charon::net
