#include "agent/shell/evidence_page.hpp"

namespace charon::agent {

template <class V, Same<MetricEvidence> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("kind", s.kind);
  v("excluded", s.excluded);
  v("slowAbove", s.slow_above);
  v("baseline", s.baseline);
  v("limit", s.limit);
  v("matters", s.matters);
  v("now", s.now);
  v("logEvidence", s.log_evidence);
  v("logPassEvidence", s.log_pass_evidence);
  v("weight", s.weight);
  v("passWaits", s.pass_waits);
  if (s.pass.scrapes > 0) v("passScrapes", s.pass.scrapes);
  if (s.pass.undecidable) v("passUndecidable", s.pass.undecidable);
  if (s.requests > 0) v("requestsOfControl", s.requests);
  v("windows", s.windows);
  v("since", s.since);
}

template <class V, Same<Evidence> S>
void fields(V& v, S& s) {
  v("verdict", s.verdict);
  v("detector", s.detector);
  v("logEvidence", s.log_evidence);
  v("logNeeded", s.log_needed);
  v("logPassEvidence", s.log_pass_evidence);
  v("degradedSince", s.degraded_since);
  v("started", s.started);
  v("baselineVersion", s.baseline_version);
  v("scrapes", s.scrapes);
  v("scrapeFailures", s.scrape_failures);
  v("failuresInARow", s.failures_in_a_row);
  v("processRestarts", s.process_restarts);
  v("series", s.series);
  v("samplesIgnored", s.samples_ignored);
  v("passWaitsForLoad", s.pass_waits_for_load);
  v("metrics", s.metrics);
}

std::string evidence_page(const Evidence& evidence, wire::Role role) {
  boost::json::object page = to_json(evidence);
  page.emplace("role", JsonWriter::write(role));
  return boost::json::serialize(page);
}

}  // namespace charon::agent
