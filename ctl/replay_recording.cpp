#include "ctl/replay_recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace charon::ctl {
namespace {

// Of service discovery and storage: Prometheus, its operator's monitors, Thanos, usual relabelling.
constexpr auto target_labels = std::to_array<std::string_view>(
    {"pod", "pod_name", "kubernetes_pod_name", "instance", "job", "container", "namespace", "kubernetes_namespace", "service", "node", "nodename",
     "cluster", "prometheus", "prometheus_replica", "replica", "pod_template_hash", "app_kubernetes_io_name", "app_kubernetes_io_instance"});

std::string_view value_of(std::span<const agent::LabelView> labels, std::string_view name) {
  for (const agent::LabelView& label : labels)
    if (label.name == name) return label.value;
  return {};
}

std::string_view first_of(std::span<const agent::LabelView> labels, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const auto value = value_of(labels, name); !value.empty()) return value;
  return {};
}

}  // namespace

std::optional<Time> recorded_time(double seconds) {
  constexpr double end_of_9999 = 253'402'300'800;
  if (!(seconds >= 0 && seconds < end_of_9999)) return std::nullopt;
  return Time{Duration{std::llround(seconds * 1000)}};
}

Result<Recording::SeriesId> Recording::series(std::string_view family, std::string_view name, agent::FamilyType type, std::span<const agent::LabelView> labels) {
  const agent::SeriesKey key = agent::series_key(name, labels);
  if (const auto found = by_labels_.find(key); found != by_labels_.end()) return found->second;

  if (by_labels_.size() >= limits_.series)
    return fail(Errc::too_large, fmt::format("more than {} series: record one workload's, by a selector such as {{namespace=\"shop\", pod=~\"checkout-.*\"}}", limits_.series));
  std::size_t bytes = name.size();
  for (const agent::LabelView& label : labels) bytes += label.name.size() + label.value.size();
  if (bytes > limits_.label_bytes) return fail(Errc::too_large, fmt::format("a series of more than {} bytes of labels", limits_.label_bytes));

  const std::string_view pod = first_of(labels, {"pod", "pod_name", "kubernetes_pod_name"}), instance = value_of(labels, "instance");
  const std::string_view job = value_of(labels, "job"), container = value_of(labels, "container");
  SeriesId id;
  for (; id.target < targets_.size(); ++id.target) {
    const RecordedTarget& target = targets_[id.target];
    if (target.pod == pod && target.instance == instance && target.job == job && target.container == container) break;
  }
  if (id.target == targets_.size()) {
    RecordedTarget& target = targets_.emplace_back();
    target.pod = pod;
    target.instance = instance;
    target.job = job;
    target.container = container;
    target.node = first_of(labels, {"node", "nodename"});
  }
  RecordedTarget& target = targets_[id.target];
  id.series = target.series.size();
  RecordedSeries& out = target.series.emplace_back();
  out.family = family;
  out.name = name;
  out.type = type;
  // A path is a path, also under a name that some use for the port ("endpoint", "service").
  const auto of_target = [](const agent::LabelView& label) {
    return !label.value.starts_with('/') && std::find(target_labels.begin(), target_labels.end(), label.name) != target_labels.end();
  };
  if (name != "process_start_time_seconds")  // all it has are the target's
    for (const agent::LabelView& label : labels)
      if (!of_target(label)) out.labels.emplace_back(label.name, label.value);
  by_labels_.emplace(key, id);
  return id;
}

Result<void> Recording::add(SeriesId id, Time time, double value) {
  if (std::isnan(value)) return {};
  if (points_ == limits_.points) return fail(Errc::too_large, fmt::format("more than {} samples", limits_.points));
  ++points_;
  targets_[id.target].series[id.series].points.push_back({time, value});
  return {};
}

void Recording::finish() {
  std::map<std::string, int> seen;
  for (RecordedTarget& target : targets_) {
    target.name = !target.pod.empty() ? target.pod : !target.instance.empty() ? target.instance : "(no pod label)";
    ++seen[target.name];
    for (RecordedSeries& series : target.series) {
      auto& points = series.points;
      const auto earlier = [](const RecordedPoint& a, const RecordedPoint& b) { return a.time < b.time; };
      if (!std::is_sorted(points.begin(), points.end(), earlier)) std::stable_sort(points.begin(), points.end(), earlier);
      std::size_t kept = 0;
      for (std::size_t i = 0; i < points.size(); ++i)
        if (i + 1 == points.size() || points[i + 1].time != points[i].time) points[kept++] = points[i];
      points.resize(kept);
    }
  }
  for (RecordedTarget& target : targets_)
    if (seen[target.name] > 1) target.name = fmt::format("{} ({}{}{})", target.name, target.instance, target.container.empty() ? "" : " ", target.container);
}

}  // namespace charon::ctl
