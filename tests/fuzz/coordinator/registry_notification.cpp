/// Whatever a registry sends, only names fit for an image reference come out.
#include "coordinator/core/registry_notification.hpp"
#include "lib/base/wire.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon::coordinator;
  const auto notification = read_registry_notification({reinterpret_cast<const char*>(data), size}, charon::wire::max_message_bytes);
  if (!notification) return 0;
  if (notification->pushes.size() > max_registry_events) std::abort();
  for (const ImagePush& push : notification->pushes)
    for (const char c : push.host + push.name() + push.digest.value)
      if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '@' || static_cast<unsigned char>(c) >= 0x7f) std::abort();
  return 0;
}
