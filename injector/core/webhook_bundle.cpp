#include "injector/core/webhook_bundle.hpp"

#include "injector/core/pod_view.hpp"
#include "lib/base/base64.hpp"
#include "lib/base/json_patch.hpp"

namespace charon::injector {

namespace json = boost::json;

json::array webhook_bundle_patch(const json::object& configuration, std::string_view bundle_pem, bool only_missing) {
  JsonPatch patch;
  const json::array* webhooks = array_of(configuration, "webhooks");
  if (!webhooks) return {};
  const std::string bundle = base64_encode(bundle_pem);
  for (std::size_t i = 0; i < webhooks->size(); ++i) {
    const json::object* webhook = (*webhooks)[i].if_object();
    const json::object* client = webhook ? object_of(*webhook, "clientConfig") : nullptr;
    const std::string_view present = client ? text_of(*client, "caBundle") : std::string_view();
    if (!client || present == bundle || (only_missing && !present.empty())) continue;
    const std::string entry = json_pointer(json_pointer({"webhooks"}), i);
    patch.test(json_pointer(entry, "name"), json::string(text_of(*webhook, "name")));
    patch.add(json_pointer(json_pointer(entry, "clientConfig"), "caBundle"), json::string(bundle));
  }
  return patch.operations();
}

}  // namespace charon::injector
