#include "tests/bench/release_regression/pod_status.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>

namespace charon::bench {
namespace {

namespace json = boost::json;

constexpr double between_pulls = 20;  // seconds: a short back-off
constexpr double progress_deadline = 600;

json::object condition(std::string_view type, bool status, std::string_view reason) {
  return {{"type", type}, {"status", status ? "True" : "False"}, {"reason", reason}};
}

json::object pull_failure(const std::string& image, double now) {
  const bool tries = std::fmod(now, between_pulls) < scrape_seconds;
  return {{"waiting", json::object{{"reason", tries ? "ErrImagePull" : "ImagePullBackOff"},
                                   {"message", fmt::format("Back-off pulling image \"{}\": dial tcp: lookup images.example: no such host", image)}}}};
}

json::object pod(const std::string& name, const std::string& container, const std::string& image, int node, bool waits, double now) {
  const json::object state = waits ? pull_failure(image, now) : json::object{{"running", json::object{}}};
  const json::array containers = {json::object{{"name", container}, {"image", image}}};
  const json::array statuses = {json::object{{"name", container}, {"image", image}, {"ready", !waits}, {"restartCount", 0}, {"state", state}}};
  return {{"metadata", json::object{{"uid", name}, {"namespace", "default"}, {"name", name}}},
          {"spec", json::object{{"nodeName", std::string(1, static_cast<char>('a' + node))}, {"containers", containers}}},
          {"status", json::object{{"phase", waits ? "Pending" : "Running"},
                                  {"conditions", json::array{condition("Ready", !waits, waits ? "ContainersNotReady" : "")}},
                                  {"containerStatuses", statuses}}}};
}

}  // namespace

json::object pod_object(const PodScrape& shown, double now) {
  const std::string release = fmt::format("v{}", shown.release + earlier_releases);
  return pod(fmt::format("app-{}-{}", release, shown.pod), "app", "images.example/shop/app:" + release, shown.node, shown.image_pull_failed, now);
}

json::object other_pod_object(int workload, double now) {
  const std::string name = fmt::format("other{}", workload);
  return pod(name + "-0", name, fmt::format("images.example/shop/{}:v1", name), workload % nodes_per_fleet, true, now);
}

json::object deployment_object(double waiting) {
  const bool late = waiting >= progress_deadline;
  return {{"metadata", json::object{{"uid", "app"}, {"namespace", "default"}, {"name", "app"}, {"generation", 2}}},
          {"spec", json::object{{"replicas", pods_per_release}, {"progressDeadlineSeconds", progress_deadline}}},
          {"status", json::object{{"observedGeneration", 2},
                                  {"conditions", json::array{condition("Progressing", !late, late ? "ProgressDeadlineExceeded" : "ReplicaSetUpdated")}}}}};
}

}  // namespace charon::bench
