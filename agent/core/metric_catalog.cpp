#include "agent/core/metric_catalog.hpp"

#include "lib/detection/request_outcome.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace charon::agent {
namespace {

using std::string_view;

constexpr auto foreign = std::to_array<string_view>({"client", "promhttp", "scrape", "queue", "_gc_", "upstream"});
constexpr auto runtimes = std::to_array<string_view>({"go_", "jvm_", "nodejs_", "process_", "python_", "dotnet_", "exposer_"});
constexpr auto of_requests = std::to_array<string_view>({"request", "http", "grpc", "rpc", "handling", "handler", "latency", "latencies", "response"});

template <std::size_t N>
bool mentions(const std::array<string_view, N>& list, string_view name) {
  return std::any_of(list.begin(), list.end(), [&](string_view word) { return name.find(word) != string_view::npos; });
}

bool remove_suffix(string_view& name, string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

/// Not of the requests that this release serves.
bool elsewhere(string_view name) {
  return mentions(foreign, name) || std::any_of(runtimes.begin(), runtimes.end(), [&](string_view prefix) { return name.starts_with(prefix); });
}

const LabelView* status_label(const SampleView& sample) {
  for (const LabelView& label : sample.labels)
    if (detection::is_status_label(label.name)) return &label;
  return nullptr;
}

bool of_probe(const SampleView& sample) {
  return std::any_of(sample.labels.begin(), sample.labels.end(),
                     [](const LabelView& label) { return detection::is_probe(label.name, label.value); });
}

/// The histogram or summary is of the durations of requests served; `scale` makes seconds of its unit.
bool request_duration(string_view family, double& scale) {
  scale = family.ends_with("_milliseconds") || family.ends_with("_ms") ? 1e-3 : 1;
  const bool timed = scale < 1 || family.ends_with("_seconds");
  return timed && mentions(of_requests, family) && !elsewhere(family);
}

std::optional<Meaning> bucket(const SampleView& sample, string_view family) {
  double scale = 1;
  if (!request_duration(family, scale)) return std::nullopt;
  for (const LabelView& label : sample.labels) {
    if (label.name != "le") continue;
    if (label.value == "+Inf") return Meaning{.role = Role::bucket, .stem = family, .label = {}, .bound = std::numeric_limits<double>::infinity()};
    double bound = 0;
    const auto [end, error] = std::from_chars(label.value.data(), label.value.data() + label.value.size(), bound);
    if (error != std::errc{} || end != label.value.data() + label.value.size() || !(bound > -std::numeric_limits<double>::infinity())) return std::nullopt;
    return Meaning{.role = Role::bucket, .stem = family, .label = {}, .bound = bound * scale};
  }
  return std::nullopt;
}

std::optional<Meaning> outcome(const SampleView& sample, string_view name) {
  const LabelView* status = status_label(sample);
  if (!status) return std::nullopt;
  return Meaning{.role = Role::outcome, .stem = name, .label = status->name, .bad = detection::is_bad_status(status->name, status->value)};
}

std::optional<Meaning> counter(const SampleView& sample) {
  const string_view name = sample.name;
  if (!name.ends_with("_total") || elsewhere(name)) return std::nullopt;
  if (name.ends_with("requests_total") || name.ends_with("request_total") || name.ends_with("_handled_total")) {
    if (const auto by_outcome = outcome(sample, name)) return by_outcome;
    string_view stem = name;
    if (remove_suffix(stem, "_requests_total") || remove_suffix(stem, "_request_total"))
      return Meaning{.role = Role::all_requests, .stem = stem, .label = {}};
    return std::nullopt;
  }
  string_view stem = name;
  for (const string_view suffix : {"_request_errors_total", "_requests_failed_total", "_request_failures_total", "_errors_total", "_failures_total"})
    if (remove_suffix(stem, suffix)) return Meaning{.role = Role::failures, .stem = stem, .label = {}};
  return std::nullopt;
}

}  // namespace

std::optional<Meaning> meaning_of(const SampleView& sample) {
  string_view family = sample.name;
  if (sample.name == "process_start_time_seconds") {
    if (!sample.labels.empty() || !(sample.value > 0)) return std::nullopt;
    return Meaning{.role = Role::process_start, .stem = sample.name, .label = {}};
  }
  const bool untyped = sample.type == FamilyType::unknown;
  std::optional<Meaning> meaning;
  if ((untyped || sample.type == FamilyType::histogram) && remove_suffix(family, "_bucket")) {
    meaning = bucket(sample, family);
  } else if ((untyped || sample.type == FamilyType::histogram || sample.type == FamilyType::summary) && remove_suffix(family, "_count")) {
    double scale = 1;
    if (request_duration(family, scale)) meaning = outcome(sample, sample.name);
  } else if (untyped || sample.type == FamilyType::counter) {
    meaning = counter(sample);
  }
  if (meaning && of_probe(sample)) return std::nullopt;
  return meaning;
}

}  // namespace charon::agent
