#include "injector/core/webhook_bundle.hpp"

#include "injector/core/pod_view.hpp"
#include "lib/base/base64.hpp"

#include <fmt/format.h>

namespace charon::injector {

namespace json = boost::json;

json::array webhook_bundle_patch(const json::object& configuration, std::string_view bundle_pem) {
  json::array patch;
  const json::array* webhooks = array_of(configuration, "webhooks");
  if (!webhooks) return patch;
  const std::string bundle = base64_encode(bundle_pem);
  for (std::size_t i = 0; i < webhooks->size(); ++i) {
    const json::object* webhook = (*webhooks)[i].if_object();
    const json::object* client = webhook ? object_of(*webhook, "clientConfig") : nullptr;
    if (!client || text_of(*client, "caBundle") == bundle) continue;
    const std::string entry = fmt::format("/webhooks/{}", i);
    patch.push_back(json::object{{"op", "test"}, {"path", entry + "/name"}, {"value", text_of(*webhook, "name")}});
    patch.push_back(json::object{{"op", "add"}, {"path", entry + "/clientConfig/caBundle"}, {"value", bundle}});
  }
  return patch;
}

}  // namespace charon::injector
