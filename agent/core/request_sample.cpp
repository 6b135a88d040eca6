#include "agent/core/request_sample.hpp"

#include "lib/detection/request_outcome.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace charon::agent {
namespace {

using std::string_view;

bool remove_suffix(string_view& name, string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

bool of_probe(const SampleView& sample) {
  return std::any_of(sample.labels.begin(), sample.labels.end(), [](const LabelView& label) { return detection::is_probe(label.name, label.value); });
}

std::optional<RequestSample> outcome(const SampleView& sample) {
  for (const LabelView& label : sample.labels)
    if (detection::is_status_label(label.name))
      return RequestSample{.role = Role::outcome, .stem = sample.name, .label = label.name, .bad = detection::is_bad_status(label.name, label.value)};
  return std::nullopt;
}

std::optional<RequestSample> bucket(const SampleView& sample, string_view family) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double scale = family.ends_with("_milliseconds") || family.ends_with("_ms") ? 1e-3 : 1;
  for (const LabelView& label : sample.labels) {
    if (label.name != "le") continue;
    if (label.value == "+Inf") return RequestSample{.role = Role::bucket, .stem = family, .label = {}, .bound = infinity};
    double bound = 0;
    const auto [end, error] = std::from_chars(label.value.data(), label.value.data() + label.value.size(), bound);
    if (error != std::errc{} || end != label.value.data() + label.value.size() || !(bound > -infinity)) return std::nullopt;
    return RequestSample{.role = Role::bucket, .stem = family, .label = {}, .bound = bound * scale};
  }
  return std::nullopt;
}

std::optional<RequestSample> counter(const SampleView& sample) {
  string_view stem = sample.name;
  if (stem.ends_with("_created")) return std::nullopt;  // OpenMetrics: when the counter began
  remove_suffix(stem, "_total");
  for (const string_view suffix : {"_request_errors", "_requests_failed", "_request_failures", "_errors", "_failures"})
    if (remove_suffix(stem, suffix)) return RequestSample{.role = Role::failures, .stem = stem, .label = {}};
  if (const auto by_outcome = outcome(sample)) return by_outcome;
  if (remove_suffix(stem, "_requests") || remove_suffix(stem, "_request")) return RequestSample{.role = Role::all_requests, .stem = stem, .label = {}};
  return std::nullopt;
}

}  // namespace

std::optional<RequestSample> request_sample(const SampleView& sample, const detection::MetricMeaning& meaning) {
  if (meaning.kind == detection::Kind::process_start) {
    // With labels it is one of several processes', which answer in turn.
    if (!sample.labels.empty() || !(sample.value > 0)) return std::nullopt;
    return RequestSample{.role = Role::process_start, .stem = sample.name, .label = {}};
  }
  const bool counts = sample.type == FamilyType::unknown || sample.type == FamilyType::counter;
  const bool distribution = sample.type == FamilyType::unknown || sample.type == FamilyType::histogram || sample.type == FamilyType::summary;
  string_view family = sample.name;
  std::optional<RequestSample> found;
  if (meaning.kind == detection::Kind::latency && meaning.group == detection::Group::latency && distribution) {
    if (sample.type != FamilyType::summary && remove_suffix(family, "_bucket")) found = bucket(sample, family);
    else if (remove_suffix(family, "_count")) found = outcome(sample);
  } else if (meaning.kind == detection::Kind::error_ratio && counts) {
    found = counter(sample);
  }
  if (found && of_probe(sample)) return std::nullopt;
  return found;
}

}  // namespace charon::agent
