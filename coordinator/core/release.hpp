#pragma once
/// A release is a workload's pod template, normalised, plus the image digests its pods really run
/// (docs/design.md, "Release").
#include "coordinator/core/cluster_view.hpp"
#include "lib/base/ids.hpp"

#include <boost/json.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace charon::coordinator {

/// The template without what does not make a release: pod-template-hash, restartedAt, creationTimestamp, Charon's own
/// annotation and agent. Defaults stay as the API server stored them.
boost::json::object normalised(const boost::json::object& pod_template);

/// Of a normalised template: equal for equal templates whatever the order of their keys. 64 bits in hex. Not
/// cryptographic: who could make two templates collide can only spoil the ledger of his own workload.
TemplateHash template_hash(const boost::json::object& normalised_template);

/// Container name -> image reference, of init and application containers, the agent's left out.
std::map<std::string, std::string> images_of(const boost::json::object& pod_template);
/// Names in the template's order, application containers first.
std::vector<std::string> containers_of(const boost::json::object& pod_template);

/// Container name -> digest that the pod runs, where its imageID names the image's own repository: only such a digest can
/// be pulled again.
std::map<std::string, Digest> digests_of(const PodView& pod);

struct ReleaseDifference {
  bool images_only = true;          ///< nothing but image references differs
  std::set<std::string> containers; ///< that changed; where something of the whole pod changed, all of `to`
  std::map<std::string, std::string> images;  ///< container -> image in `to`, where it differs and exists in both
  bool empty() const { return containers.empty(); }
};
/// Both normalised.
ReleaseDifference difference(const boost::json::object& from, const boost::json::object& to);

}  // namespace charon::coordinator
