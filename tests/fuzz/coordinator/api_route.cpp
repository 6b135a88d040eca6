/// No target reaches a path or a log line with names that no Kubernetes object can have.
#include "coordinator/core/api_route.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon::coordinator;
  if (size == 0) return 0;
  const std::string_view target(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto answer = route(data[0] % 2 ? "POST" : "GET", target);
  if (const auto* refusal = std::get_if<ApiRefusal>(&answer)) {
    if (refusal->status < 400 || refusal->status > 414) std::abort();
    return 0;
  }
  const ApiRoute& found = std::get<ApiRoute>(answer);
  for (const char c : found.ns + found.name + found.kind)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) std::abort();
  if (found.to.size() > 256) std::abort();
  return 0;
}
