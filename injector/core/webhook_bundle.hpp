#pragma once
/// The caBundle of a MutatingWebhookConfiguration: the manifest leaves it out, so that re-applying does not reset it, and
/// the injector fills it in.
#include <boost/json.hpp>

#include <string_view>

namespace charon::injector {

/// A JSON patch that gives every webhook entry this bundle, or with `only_missing` every one that has none; empty where
/// there is nothing to do. Each change is guarded by a test of
/// the entry's name, so that a configuration changed meanwhile is not patched at the wrong place.
boost::json::array webhook_bundle_patch(const boost::json::object& configuration, std::string_view bundle_pem, bool only_missing = false);

}  // namespace charon::injector
