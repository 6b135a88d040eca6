#include "coordinator/shell/token_hash.hpp"

#include <openssl/sha.h>

namespace charon::coordinator {

std::string token_hash(std::string_view token) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

}  // namespace charon::coordinator
