#include "tests/bench/release_regression/report_json.hpp"

#include <boost/json.hpp>

#include <cmath>

namespace charon::bench {
namespace {

namespace json = boost::json;

json::value scrapes(double delay) { return std::isfinite(delay) ? json::value(delay) : json::value(nullptr); }

json::object object_of(const HealthyResult& r) {
  return {{"world", r.world}, {"layout", r.layout}, {"history", r.history}, {"phi", r.phi},
          {"requests_per_second", r.requests_per_second}, {"releases", r.releases}, {"false_rollbacks", r.false_rollbacks},
          {"passed", r.passed}, {"inconclusive", r.inconclusive}, {"held", r.held},
          {"median_to_pass", scrapes(r.median_to_pass)}, {"evidence_to_pass", scrapes(r.evidence_to_pass)}};
}

json::object object_of(const TrapResult& r) {
  return {{"name", r.name}, {"layout", r.layout}, {"releases", r.releases}, {"rollbacks", r.rollbacks},
          {"passed", r.passed}, {"held", r.held}};
}

json::object object_of(const FaultResult& r) {
  return {{"name", r.name}, {"size", r.size}, {"onset", r.onset}, {"layout", r.layout}, {"devices", r.devices},
          {"history", r.history}, {"phi", r.phi}, {"requests_per_second", r.requests_per_second}, {"runs", r.runs},
          {"detected", r.detected}, {"early", r.early}, {"wrong_pass", r.wrong_pass}, {"median", scrapes(r.median)},
          {"p90", scrapes(r.p90)}};
}

json::object object_of(const AmbiguousResult& r) {
  return {{"name", r.name}, {"layout", r.layout}, {"releases", r.releases}, {"rollbacks", r.rollbacks}, {"held", r.held},
          {"cause_named", r.cause_named}, {"passed", r.passed}, {"inconclusive", r.inconclusive}, {"inconclusive_named", r.inconclusive_named}};
}

template <class Cell>
json::array array_of(const std::vector<Cell>& cells) {
  json::array array;
  for (const Cell& cell : cells) array.emplace_back(object_of(cell));
  return array;
}

}  // namespace

std::string report_json(const Results& results) {
  json::object columns;
  for (const auto& [name, column] : results.columns) {
    json::object object = {{"healthy", array_of(column.healthy)}, {"traps", array_of(column.traps)},
                           {"faults", array_of(column.faults)}, {"ambiguous", array_of(column.ambiguous)}};
    if (!column.note.empty()) object["note"] = column.note;
    columns[name] = std::move(object);
  }
  const json::object all = {{"seed", results.seed}, {"quick", results.quick}, {"seconds", results.seconds},
                            {"columns", std::move(columns)}};
  return json::serialize(all) + '\n';
}

}  // namespace charon::bench
