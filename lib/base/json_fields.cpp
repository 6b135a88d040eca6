#include "lib/base/json_fields.hpp"

namespace charon {

Result<boost::json::value> parse_json(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return fail(Errc::too_large, "JSON of " + std::to_string(text.size()) + " bytes, at most " + std::to_string(max_bytes) + " are read");
  boost::system::error_code ec;
  boost::json::parse_options options;
  options.max_depth = 32;
  auto value = boost::json::parse(text, ec, {}, options);
  if (ec) return fail(Errc::invalid_input, "JSON: " + ec.message());
  return value;
}

}  // namespace charon
