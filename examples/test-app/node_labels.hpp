#pragma once
/// The labels of the node this program runs on. Kubernetes tells a pod its node's name but not its labels, so the API
/// server is asked: the pod needs TEST_APP_NODE (the downward API's spec.nodeName) and a service account that may `get`
/// nodes, as in examples/test-app/on-labelled-nodes.yaml.
#include "lib/base/error.hpp"
#include "lib/base/log.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <string>

namespace charon::test_app {

/// metadata.labels of a Node; empty where there are none.
std::map<std::string, std::string> labels_of(const boost::json::object& node);

/// Asks the API server, in-cluster, and waits for its answer. Errors: not_found (TEST_APP_NODE or the service account's
/// files are missing), forbidden, and the client's.
Result<std::map<std::string, std::string>> read_node_labels(const Log& log);

}  // namespace charon::test_app
