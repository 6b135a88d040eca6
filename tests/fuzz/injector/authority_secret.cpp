/// Whatever the certificate authority's Secret holds, it is refused, or it is an authority that can be planned for and
/// stored again as it was.
#include "injector/shell/authority.hpp"
#include "lib/base/json_fields.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon;
  using namespace charon::injector;
  const auto must = [](bool holds) {
    if (!holds) std::abort();
  };
  const auto secret = parse_json({reinterpret_cast<const char*>(data), size}, 1 << 20);
  if (!secret || !secret->is_object()) return 0;
  const Time now = parse_time("2026-11-23T12:00:00Z").value();
  (void)has_bundle(secret->get_object());
  const auto read = read_authority(secret->get_object());
  if (!read) return 0;
  must(plan(*read, now).has_value());
  must(read->previous_pem.empty() == read->cross_pem.empty());
  (void)read_server_secret(secret->get_object(), *read);
  const auto again = read_authority(authority_secret("ns", "name", *read, ""));
  must(again.has_value() && again->bundle() == read->bundle() && again->root.key_pem == read->root.key_pem && again->cross_pem == read->cross_pem);
  return 0;
}
