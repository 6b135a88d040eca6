#include "tests/bench/real_faults/charon_judge.hpp"

#include "agent/core/level_judge.hpp"
#include "agent/core/level_values.hpp"
#include "agent/core/levels.hpp"
#include "lib/base/wire.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace charon::bench {
namespace {

using detection::FamilyType;

constexpr std::uint64_t old_process = 100'000;  // scrapes: no pod was started anew
constexpr std::string_view workload = "PodWorkload(Ops)";

struct Column {
  std::string_view name;    ///< begins with
  std::string_view family;  ///< what an application calls it; empty: requests served
  FamilyType type;
  double unit;              ///< of the family, in the column's
  double floor;             ///< as the agent adds before the logarithm
};
constexpr std::array<Column, 5> columns{{
    {"CpuUsage(m)", "process_cpu_seconds", FamilyType::counter, 1e-3, 1e-3},
    {"MemoryUsage(Mi)", "process_resident_memory_bytes", FamilyType::gauge, 1024. * 1024, 1024},
    {"PodServerLatency", "http_server_request_duration_seconds", FamilyType::histogram, 1, 1e-3},
    {"PodClientLatency", "call_duration_seconds", FamilyType::histogram, 1, 1e-3},
    {workload, "", FamilyType::counter, 1, 0.1},
}};

detection::MetricMeaning meaning(const Column& column) {
  if (!column.family.empty()) return detection::meaning_of(column.family, column.type, {});
  return agent::throughput();
}

struct Judged {
  std::size_t metric;
  Column column;
  agent::LevelJudge judge;
};

double value_of(const Judged& judged, double cell) {
  const auto& [metric, column, judge] = judged;
  return std::isnan(cell) ? cell : agent::on_scale(cell * column.unit, judge.meaning().scale, column.floor);
}

std::vector<Judged> judges_of(const Window& window) {
  std::vector<Judged> out;
  for (std::size_t metric = 0; metric < window.metrics.size(); ++metric) {
    const auto column = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return window.metrics[metric].starts_with(c.name); });
    if (column == columns.end()) continue;
    const detection::MetricMeaning means = meaning(*column);
    Judged judged{metric, *column, agent::LevelJudge(window.metrics[metric], means, column->floor, wire::AgentPolicy{}.tolerance)};
    std::vector<float> past;
    for (const double cell : window.baseline[metric]) past.push_back(static_cast<float>(value_of(judged, cell)));
    const wire::LevelSummary summary = detection::summarise(past, old_process, std::max(means.effect / 20, 0.01));
    if (summary.scrapes == 0) continue;
    judged.judge.refer_to({.everywhere = summary, .same_node = summary, .spread = {}});
    out.push_back(std::move(judged));
  }
  return out;
}

double combined(const std::vector<Judged>& judges) {
  double latencies = 0, rest = 0, largest = std::numeric_limits<double>::lowest(), sum = 0;
  const auto is_latency = [](const Judged& judged) { return judged.judge.meaning().group == detection::Group::latency; };
  for (const Judged& judged : judges) {
    (is_latency(judged) ? latencies : rest) += judged.judge.meaning().weight;
    largest = std::max(largest, judged.judge.log_evidence_assumed());
  }
  const double half = latencies > 0 && rest > 0 ? 0.5 : 1;
  for (const Judged& judged : judges) {
    const double weight = half * judged.judge.meaning().weight / (is_latency(judged) ? latencies : rest);
    sum += weight * std::exp(judged.judge.log_evidence_assumed() - largest);
  }
  return largest + std::log(sum);
}

}  // namespace

double charon_score(const Window& window) {
  std::vector<Judged> judges = judges_of(window);
  if (judges.empty()) return 0;
  const auto load = std::find_if(judges.begin(), judges.end(), [](const Judged& judged) { return judged.column.name == workload; });
  double highest = std::numeric_limits<double>::lowest();
  for (std::size_t row = 0; row < window.candidate.front().size(); ++row) {
    const bool unusual = load != judges.end() && std::abs(load->judge.difference()) > agent::unusual_load;
    for (Judged& judged : judges) {
      const bool suspended = unusual && judged.column.name != workload;
      judged.judge.scrape(value_of(judged, window.candidate[judged.metric][row]), old_process + row, suspended);
    }
    highest = std::max(highest, combined(judges));
  }
  return highest;
}

}  // namespace charon::bench
