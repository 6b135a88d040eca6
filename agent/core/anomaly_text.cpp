#include "agent/core/anomaly_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace charon::agent {

std::string percent_text(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 0.01) return "<0.01%";
  return percent > 0 && percent < 0.095 ? fmt::format("{:.2f}%", percent) : fmt::format("{:.1f}%", percent);
}

std::string evidence_text(double log_value) {
  if (std::isinf(log_value) && log_value > 0) return "never";
  const double log10 = log_value * std::numbers::log10e;
  if (log10 < -3) return "0";
  if (log10 < 1.99) return fmt::format("{:.2g}", std::pow(10, log10));
  double exponent = std::floor(log10);
  double digits = std::round(std::pow(10, log10 - exponent) * 10) / 10;
  if (digits >= 10) {
    digits = 1;
    exponent += 1;
  }
  return fmt::format("{:g}e{:.0f}", digits, exponent);
}

std::string probability_text(double log_evidence) {
  const double probability = std::clamp(-std::expm1(-std::max(log_evidence, 0.0)), 0.0, 0.9999);
  return fmt::format("{:.4f}", std::floor(probability * 1e4 + 1e-9) / 1e4);
}

std::string value_text(const wire::Culprit& culprit, double value) { return culprit.kind == wire::MetricKind::level ? fmt::format("{:.4g}", value) : percent_text(value); }

std::string anomaly_text(const Evidence& evidence) {
  const auto found = culprits(evidence);
  if (found.empty()) return {};
  if (evidence.detector == wire::DetectorKind::anomalyzer)
    return fmt::format("ANOMALY! Metric: {}; Probability: {}; reference {}, now {}; above {} by the classic engine", found.front().metric, probability_text(evidence.log_evidence),
                       value_text(found.front(), found.front().baseline), value_text(found.front(), found.front().now), probability_text(evidence.log_needed));
  return fmt::format("ANOMALY! Metric: {}; Probability: {}; baseline {}, now {}; evidence {} of {}", found.front().metric,
                     probability_text(evidence.log_evidence), value_text(found.front(), found.front().baseline), value_text(found.front(), found.front().now),
                     evidence_text(evidence.log_evidence), evidence_text(evidence.log_needed));
}

}  // namespace charon::agent
