#pragma once
/// What the API server shows of the simulated pods, as raw objects: what Charon's coordinator watches.
///
/// The container of a pod that waits for its image alternates between ErrImagePull and ImagePullBackOff, as a kubelet's do.
/// Restarts of the process are not shown: they are those of a program that a supervisor inside the container starts again.
/// Where the container itself ended, its status alone would condemn the release at the third time.
#include "tests/bench/release_regression/column.hpp"

#include <boost/json/object.hpp>

namespace charon::bench {

/// `now`: seconds since the epoch.
boost::json::object pod_object(const PodScrape& pod, double now);
/// A pod of another workload, whose image comes from the same registry and cannot be pulled.
boost::json::object other_pod_object(int workload, double now);
/// The workload's Deployment while the candidate's pods start. `waiting`: seconds since its rollout began without all of them running.
boost::json::object deployment_object(double waiting);

}  // namespace charon::bench
