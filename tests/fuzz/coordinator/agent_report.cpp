/// What an agent sends is refused or within the documented bounds, and survives being written and read again.
#include "coordinator/core/api_image_request.hpp"
#include "lib/base/wire.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto image = coordinator::read_image_request(text); image && (image->image.empty() || image->tag.size() > 128)) std::abort();
  const auto json = parse_json(text, wire::max_message_bytes);
  if (!json) return 0;
  (void)from_json<wire::Hello>(*json);
  const auto report = from_json<wire::Report>(*json);
  if (!report || !wire::validate(*report)) return 0;
  if (report->totals.size() > wire::max_metrics || report->culprits.size() > wire::max_culprits) std::abort();
  const auto again = from_json<wire::Report>(to_json(*report));
  if (!again || !wire::validate(*again) || to_json(*again) != to_json(*report)) std::abort();
  return 0;
}
