#include "coordinator/core/api_image_request.hpp"

#include "lib/base/json_fields.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

template <class V, Same<ImageRequest> S>
void fields(V& v, S& s) {
  v("image", s.image);
  v("tag", s.tag);
}

bool reference_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("._-/:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<ImageRequest> read_image_request(std::string_view body) {
  const auto json = parse_json(body, 4096);
  if (!json) return json.error();
  if (!json->is_object()) return fail(Errc::invalid_input, "expected a JSON object");
  ImageRequest out;
  std::optional<Error> error;
  JsonReader reader(json->get_object(), {}, error);
  fields(reader, out);
  if (error) return *error;
  // A colon after the last slash divides name and tag; one before it belongs to the registry's port.
  const std::size_t slash = out.image.rfind('/');
  const std::size_t colon = out.image.rfind(':');
  if (colon != std::string::npos && (slash == std::string::npos || colon > slash)) {
    if (!out.tag.empty()) return fail(Errc::invalid_input, "the image names a tag and 'tag' another");
    out.tag = out.image.substr(colon + 1);
    out.image.resize(colon);
  }
  if (out.image.empty() || out.image.size() > 512 || !reference_characters(out.image))
    return fail(Errc::invalid_input, "image: a name such as test-app or registry:5000/shop/test-app is needed");
  if (out.tag.size() > 128 || !reference_characters(out.tag) || out.tag.find_first_of("/:[]") != std::string::npos)
    return fail(Errc::invalid_input, "tag: not a tag");
  return out;
}

}  // namespace charon::coordinator
