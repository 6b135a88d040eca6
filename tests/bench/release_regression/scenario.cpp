#include "tests/bench/release_regression/scenario.hpp"

#include "tests/bench/release_regression/model.hpp"

#include <cmath>

namespace charon::bench {
namespace {

using enum EffectKind;
using enum Where;

Effect harmless(int metric, double log_shift) { return {.kind = scale, .metric = metric, .size = std::exp(log_shift)}; }

std::vector<Effect> harmless_change() {
  std::vector<Effect> all = {{.kind = add, .metric = errors, .size = harmless_errors}};
  const Model model;
  for (int h = 0; h < histogram_count; ++h) all.push_back(harmless(first_histogram + h, model.histograms[static_cast<std::size_t>(h)].harmless));
  for (int i = 0; i < level_count; ++i) {
    const double shift = model.levels[static_cast<std::size_t>(i)].harmless;
    // The cache ratio moves on its logit, where `scale` subtracts the size's log.
    all.push_back(harmless(first_gauge + i, first_gauge + i == cache_ratio ? -shift : shift));
  }
  return all;
}

Scenario scenario(std::string name, std::vector<Effect> effects) {
  Scenario s;
  s.name = std::move(name);
  s.effects = std::move(effects);
  return s;
}

/// A slow, starved or broken machine: everything on it suffers.
std::vector<Effect> broken_node(int from) {
  return {{.kind = add, .metric = errors, .size = 0.05, .where = node, .from = from},
          {.kind = scale, .metric = http_latency, .size = 2, .where = node, .from = from},
          {.kind = scale, .metric = rpc_latency, .size = 2, .where = node, .from = from},
          {.kind = scale, .metric = db_latency, .size = 1.5, .where = node, .from = from},
          {.kind = scale, .metric = cpu, .size = 1.5, .where = node, .from = from},
          {.kind = scale, .metric = queue, .size = 2, .where = node, .from = from},
          {.kind = scale, .metric = in_flight, .size = 2, .where = node, .from = from}};
}

std::vector<Effect> outage(Where where, int from, int to) {
  return {{.kind = add, .metric = errors, .size = 0.3, .where = where, .from = from, .to = to},
          {.kind = scale, .metric = db_latency, .size = 4, .where = where, .from = from, .to = to},
          {.kind = scale, .metric = http_latency, .size = 2.5, .where = where, .from = from, .to = to},
          {.kind = scale, .metric = in_flight, .size = 2.5, .where = where, .from = from, .to = to}};
}

/// Another mix of requests: slower ones with larger answers.
std::vector<Effect> other_mix(Where where, int from) {
  return {{.kind = scale, .metric = errors, .size = 3, .where = where, .from = from},
          {.kind = scale, .metric = http_latency, .size = 1.5, .where = where, .from = from},
          {.kind = scale, .metric = db_latency, .size = 1.5, .where = where, .from = from},
          {.kind = scale, .metric = cpu, .size = 1.3, .where = where, .from = from},
          {.kind = scale, .metric = transmit, .size = 2, .where = where, .from = from}};
}

std::vector<Scenario> make_healthy() {
  std::vector<Scenario> all = {scenario("model", {})};
  all.push_back(scenario("t3", {}));
  all.back().innovations = Innovations::t3;
  all.push_back(scenario("spikes", {}));
  all.back().innovations = Innovations::spikes;
  all.push_back(scenario("sawtooth_gc", {{.kind = sawtooth, .metric = heap, .size = 0.4, .where = everywhere, .from = always},
                                         {.kind = sawtooth, .metric = memory, .size = 0.1, .where = everywhere, .from = always}}));
  all.push_back(scenario("jobs", {{.kind = bursts, .metric = cpu, .size = 1.6, .where = everywhere, .from = always},
                                  {.kind = bursts, .metric = queue, .size = 2, .where = everywhere, .from = always},
                                  {.kind = bursts, .metric = db_latency, .size = 1.15, .where = everywhere, .from = always}}));
  all.push_back(scenario("integer_constant", {}));
  all.back().integers = true;
  all.push_back(scenario("harmless", harmless_change()));
  return all;
}

std::vector<Scenario> make_few_stable() {
  constexpr double many_errors = 0.05;  // so many that chance alone moves the stable pod's share far
  std::vector<Scenario> all = {scenario("few_stable/thirty_candidates", {}), scenario("few_stable/little_control", {})};
  for (Scenario& s : all) {
    s.stable_pods = 1;
    s.error_ratio = many_errors;
  }
  all[0].candidate_pods = 30;
  all[1].stable_requests = 0.01;
  return all;
}

std::vector<Scenario> make_traps() {
  std::vector<Scenario> all;
  all.push_back(scenario("node_fault", broken_node(120)));
  all.push_back(scenario("noisy_neighbour", {{.kind = scale, .metric = cpu, .size = 1.4, .where = node, .from = 30, .on = 24, .period = 60},
                                             {.kind = scale, .metric = http_latency, .size = 1.6, .where = node, .from = 30, .on = 24, .period = 60},
                                             {.kind = scale, .metric = rpc_latency, .size = 1.6, .where = node, .from = 30, .on = 24, .period = 60},
                                             {.kind = scale, .metric = queue, .size = 1.5, .where = node, .from = 30, .on = 24, .period = 60}}));
  all.push_back(scenario("load_doubling", {{.kind = load, .size = 2, .where = everywhere, .from = 120}}));
  all.push_back(scenario("mix_change", other_mix(everywhere, 120)));
  all.push_back(scenario("cold_caches", {{.kind = transient, .size = 3, .where = everywhere, .from = always}}));
  all.push_back(scenario("dependency_outage", outage(everywhere, 120, 180)));
  all.back().others_from = 120;
  all.back().others_to = 180;
  all.push_back(scenario("registry_outage", {}));
  all.back().pull_failing_until = 120;
  all.push_back(scenario("dns_outage", outage(everywhere, 60, 96)));
  all.back().others_from = 60;
  all.back().others_to = 96;
  all.back().pull_failing_until = 0;
  all.push_back(scenario("skewed_balancer", {{.kind = load, .size = 2.5, .where = one_candidate}}));
  all.push_back(scenario("hpa_scaling", {{.kind = load, .size = 1.6, .where = everywhere, .from = 60, .to = 120}}));
  all.back().scale_out_at = 120;
  all.push_back(scenario("baseline_incident", outage(everywhere, -320, -260)));
  all.push_back(scenario("changed_buckets", {}));
  all.back().new_buckets = true;
  all.push_back(scenario("missing_series", {}));
  all.back().missing_series = true;
  all.push_back(scenario("node_reboot", {}));
  all.back().reboot_from = 120;
  all.back().reboot_to = 144;
  all.push_back(scenario("throttled_agent", {}));
  all.back().candidate_lost = 0.3;
  all.back().candidate_jitter = 2.0;
  return all;
}

std::vector<Scenario> make_unidentifiable() {
  std::vector<Scenario> all;
  const auto push = [&](std::string name, std::vector<Effect> effects, std::string_view cause) {
    all.push_back(scenario(std::move(name), std::move(effects)));
    all.back().right_cause = cause;
  };
  push("node_fault", broken_node(120), "node");
  push("node_fault_seen", broken_node(120), "node");  // other workloads on that node degrade as well
  all.back().node_facts_from = 120;
  all.back().node_facts_to = forever;
  push("node_fault_new_node", broken_node(always), "node");
  all.back().new_node = true;
  push("outage", outage(candidates, 120, forever), "environment");
  all.back().others_from = 120;
  all.back().others_to = forever;
  push("load_doubling", {{.kind = load, .size = 2, .where = candidates, .from = 120}}, "load");
  push("mix_change", other_mix(candidates, 120), "mix");
  return all;
}

/// Why these sizes. Each fault has one that a careful operator would just mind, one that pages, and one that is an
/// incident.
///  errors: +1% is the effect that matters by default (a 99% objective is gone), 2% doubles that, 5% pages most teams,
///    20% is one dead shard of five.
///  latency: x1.2 is the effect that matters; x1.5 a missing index on a small table, x2 a lost cache, x4 a lost pool.
///  leak of memory: a container limited at twice its use is killed after two hours, half an hour, ten minutes.
///  cpu: x1.25 a costly log statement, x1.5 a debug build's flag, x2 a lost cache or a busy thread.
///  level of memory: +20% matters for the node's packing, +50% for the limit, x2 meets it.
///  variance of the queue: batches of twice, four times, sixteen times the variance; a lock or a pause shows as the last.
///  stall of throughput: 70%, half, a tenth of the requests that the stable release serves.
///  descriptors: 1, 6 and 60 leaked a minute reach the usual limit of 1,024 in 15 hours, 2.5 hours and 15 minutes.
///  restarts: on average each 15, 5 (the longest back-off of a crash loop) and 1 minute.
std::vector<FaultSize> make_faults() {
  return {
      {"errors", "+1%", {.kind = add, .metric = errors, .size = 0.01}},
      {"errors", "+2%", {.kind = add, .metric = errors, .size = 0.02}},
      {"errors", "+5%", {.kind = add, .metric = errors, .size = 0.05}},
      {"errors", "+20%", {.kind = add, .metric = errors, .size = 0.20}},
      {"latency", "x1.2", {.kind = scale, .metric = http_latency, .size = 1.2}},
      {"latency", "x1.5", {.kind = scale, .metric = http_latency, .size = 1.5}},
      {"latency", "x2", {.kind = scale, .metric = http_latency, .size = 2}},
      {"latency", "x4", {.kind = scale, .metric = http_latency, .size = 4}},
      {"leak", "+50%/h", {.kind = trend, .metric = memory, .size = 0.5}},
      {"leak", "+200%/h", {.kind = trend, .metric = memory, .size = 2}},
      {"leak", "+600%/h", {.kind = trend, .metric = memory, .size = 6}},
      {"cpu", "x1.25", {.kind = scale, .metric = cpu, .size = 1.25}},
      {"cpu", "x1.5", {.kind = scale, .metric = cpu, .size = 1.5}},
      {"cpu", "x2", {.kind = scale, .metric = cpu, .size = 2}},
      {"level", "+20%", {.kind = scale, .metric = memory, .size = 1.2}},
      {"level", "+50%", {.kind = scale, .metric = memory, .size = 1.5}},
      {"level", "x2", {.kind = scale, .metric = memory, .size = 2}},
      {"variance", "x2", {.kind = variance, .metric = queue, .size = 2}},
      {"variance", "x4", {.kind = variance, .metric = queue, .size = 4}},
      {"variance", "x16", {.kind = variance, .metric = queue, .size = 16}},
      {"stall", "to 70%", {.kind = scale, .metric = requests, .size = 0.7}},
      {"stall", "to 50%", {.kind = scale, .metric = requests, .size = 0.5}},
      {"stall", "to 10%", {.kind = scale, .metric = requests, .size = 0.1}},
      {"descriptors", "+1/min", {.kind = trend, .metric = descriptors, .size = 0.5}},
      {"descriptors", "+6/min", {.kind = trend, .metric = descriptors, .size = 3}},
      {"descriptors", "+60/min", {.kind = trend, .metric = descriptors, .size = 30}},
      {"restarts", "each 15 min", {.kind = restart, .metric = restarts, .size = 900}},
      {"restarts", "each 5 min", {.kind = restart, .metric = restarts, .size = 300}},
      {"restarts", "each 1 min", {.kind = restart, .metric = restarts, .size = 60}},
  };
}

}  // namespace

const std::vector<FaultSize>& fault_sizes() {
  static const std::vector<FaultSize> all = make_faults();
  return all;
}

Scenario fault(const FaultSize& size, int onset, bool one_device) {
  Effect effect = size.effect;
  effect.where = one_device ? one_candidate : candidates;
  effect.from = onset;
  Scenario s = scenario(std::string(size.fault), {effect});
  s.size = size.text;
  s.onset = onset;
  s.one_device = one_device;
  return s;
}

const std::vector<Scenario>& healthy_worlds() {
  static const std::vector<Scenario> all = make_healthy();
  return all;
}

const std::vector<Scenario>& few_stable_worlds() {
  static const std::vector<Scenario> all = make_few_stable();
  return all;
}

const std::vector<Scenario>& traps() {
  static const std::vector<Scenario> all = make_traps();
  return all;
}

const std::vector<Scenario>& unidentifiable() {
  static const std::vector<Scenario> all = make_unidentifiable();
  return all;
}

}  // namespace charon::bench
