#pragma once
/// The line that says what was found, for people and for parsers:
///   ANOMALY! Metric: http_requests_total{code="5xx"}; Probability: 0.9994; baseline 0.1%, now 7.8%; evidence 1.8e3 of 1e3
/// Probability is 1 - 1/evidence, from 0 to 0.9999, rounded down: as the ancestor's logs had one. It is no posterior:
/// were the release no worse than tolerable, evidence of E would show with a probability of at most 1/E, ever.
/// The classic engine's Probability is its score:
///   ANOMALY! Metric: http_requests_total{code="5xx"}; Probability: 0.9130; reference 0.1%, now 7.8%; above 0.8500 by the classic engine
#include "agent/core/evidence.hpp"

namespace charon::agent {

/// The strongest culprit's numbers and the combined evidence against what is needed. Without a culprit: empty.
std::string anomaly_text(const Evidence& evidence);

/// "7.8%", "0.05%", "<0.01%"
std::string percent_text(double share);
/// e to the power of `log_value` in two digits: "1.8e3", "1e3", "2.5", "0.3"; infinity is "never".
std::string evidence_text(double log_value);
/// 1 - 1/e^log_evidence in four digits, within 0.0000 and 0.9999.
std::string probability_text(double log_evidence);

}  // namespace charon::agent
