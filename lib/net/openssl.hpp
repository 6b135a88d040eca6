#pragma once
/// Owners of OpenSSL's objects, and its error queue as an Error. Private to lib/net.
#include "lib/base/error.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string_view>

namespace charon::net::openssl {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept { free(object); }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;
using Serial = std::unique_ptr<BIGNUM, Free<BN_free>>;

/// A read-only view; `text` outlives it.
inline Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

/// invalid_input with the first reason in the queue, which is then emptied.
inline Error error(std::string context) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  if (reason) context.append(": ").append(reason);
  return fail(Errc::invalid_input, std::move(context));
}

}  // namespace charon::net::openssl
