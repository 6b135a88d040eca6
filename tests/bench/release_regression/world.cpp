#include "tests/bench/release_regression/world.hpp"

#include "tests/bench/release_regression/histogram_table.hpp"
#include "tests/bench/release_regression/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace charon::bench {
namespace {

constexpr double day = 86400, epoch = 1.7e9, hour = 3600;
constexpr std::size_t levels = level_count, histograms = histogram_count;
constexpr int earlier_offset = 10000;  // scrapes of earlier releases: before every effect but those from `always` on
constexpr double few_connections = 0.2, few_requests = 0.1, short_queue = 0.03;  // integer world: what small gauges are scaled by

struct Pod {
  Random random{0};
  int number = 0, node = 0, release = 0;
  bool running = false, fresh = false;  // fresh: restarted since the last scrape that succeeded
  double started = 0, last = 0;
  std::array<double, levels> effect{}, x{};
  std::array<double, histograms> latency_effect{};
  double error_effect = 0, request_effect = 0;
  double saw_period = 1, saw_phase = 0;
  int burst_phase = 0;
  std::array<double, series_count> values{};
  std::array<double, series_count> shown{};
};

/// What the scenario does to one pod at one scrape.
struct Changes {
  std::array<double, levels> shift{}, sd{};
  std::array<double, histograms> latency{};
  double error_scale = 1, error_add = 0, requests = 1, load = 1, start = 1, start_length = 1;
  double restart_mean = 0;  // seconds; 0: none

  Changes() { sd.fill(1); }
};

bool covers(const Effect& e, const Pod& pod, int device) {
  switch (e.where) {
    case Where::candidates: return pod.release == 1;
    case Where::one_candidate: return pod.release == 1 && pod.number == device;
    case Where::node: return pod.node == device;
    case Where::everywhere: return true;
  }
  return false;
}

bool active(const Effect& e, int index) {
  if (index < e.from || index >= e.to) return false;
  return e.period == 0 || (index - e.from) % e.period < e.on;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

struct World::State {
  const Model* model = nullptr;
  const Scenario* scenario = nullptr;
  Layout layout = Layout::canary;
  int device = 0;
  double phase = 0;  // of the day
  std::array<std::array<double, levels>, nodes_per_fleet> node_effect{};
  std::array<std::array<double, histograms>, nodes_per_fleet> node_latency{};
  std::array<double, nodes_per_fleet> node_errors{};
  std::array<double, levels> base{};
  std::array<HistogramTable, histograms> ordinary_table, changed_table;
  std::array<HistogramModel, histograms> tables_of{};
  std::uint64_t stream = 0;
  Random fleet_random;

  int release = 0, index = -1;
  std::array<Pod, max_pods_per_release> stable, candidate;
  std::vector<PodScrape> scrapes;
  std::array<NodeFacts, nodes_per_fleet> facts;

  void begin(const Model& m, const Scenario& s, Layout l, bool history, std::uint64_t seed);
  bool advance();
  void place(Pod& pod, int number, int of_release, double now);
  void restart(Pod& pod, double now);
  Changes changes(const Pod& pod, int at, double now) const;
  void step(Pod& pod, int at, double planned, double day_load);
  void wander(Pod& pod, const Changes& c);
  void step_levels(Pod& pod, const Changes& c, double age, double log_load, double dt);
  void step_counts(Pod& pod, const Changes& c, double age, double load, double dt);
  void show(Pod& pod, double now, bool lost);
  double round_gauge(int metric, double value) const;
  double planned_time() const;
};

void World::State::begin(const Model& m, const Scenario& s, Layout l, bool history, std::uint64_t seed) {
  model = &m;
  scenario = &s;
  layout = l;
  stream = seed;
  fleet_random = Random(seed);
  device = static_cast<int>(fleet_random.uniform() * nodes_per_fleet);
  if (s.new_node) device = nodes_per_fleet - 1;
  phase = fleet_random.uniform() * 2 * std::numbers::pi;
  for (std::size_t i = 0; i < levels; ++i) {
    const double b = m.levels[i].base;
    base[i] = static_cast<int>(i) + first_gauge == cache_ratio ? std::log(b / (1 - b)) : std::log(b);
  }
  for (std::size_t n = 0; n < nodes_per_fleet; ++n) {
    for (std::size_t i = 0; i < levels; ++i) node_effect[n][i] = m.levels[i].node_spread * fleet_random.normal();
    for (std::size_t h = 0; h < histograms; ++h) node_latency[n][h] = m.histograms[h].node_spread * fleet_random.normal();
    node_errors[n] = m.errors_node_spread * fleet_random.normal();
  }
  for (std::size_t h = 0; h < histograms; ++h) {
    const HistogramModel& hm = m.histograms[h];
    if (tables_of[h].median == hm.median && tables_of[h].sigma == hm.sigma) continue;
    ordinary_table[h] = HistogramTable(hm.median, hm.sigma, default_bounds());
    changed_table[h] = HistogramTable(hm.median, hm.sigma, changed_bounds());
    tables_of[h] = hm;
  }
  for (Pod& pod : stable) pod.running = false;
  for (Pod& pod : candidate) pod.running = false;
  release = history ? -earlier_releases : 0;
  index = -1;
}

double World::State::planned_time() const {
  // Earlier releases came on the days before, at the same time of day.
  if (release < 0) return epoch + release * day + index * scrape_seconds;
  return epoch + (index + (release == 1 ? stable_scrapes : 0)) * scrape_seconds;
}

bool World::State::advance() {
  const auto roll_out = [&](std::array<Pod, max_pods_per_release>& pods) {
    for (int p = 0; p < pods_per_release; ++p) place(pods[static_cast<std::size_t>(p)], p, release, planned_time());
  };
  ++index;
  const int length = release < 0 ? earlier_scrapes : release == 0 ? stable_scrapes : candidate_scrapes;
  if (index == length) {
    if (release == 1) return false;
    ++release;
    index = 0;
  }
  if (index == 0 && release <= 0) roll_out(stable);
  if (release != 1) return true;
  if (index == scenario->pull_failing_until) roll_out(candidate);
  const int stable_until = layout == Layout::canary ? forever : layout == Layout::rolling ? 60 : 0;
  if (index == stable_until)
    for (Pod& pod : stable) pod.running = false;
  if (index == scenario->scale_out_at)
    for (int p = pods_per_release; p < max_pods_per_release; ++p) {
      place(candidate[static_cast<std::size_t>(p)], p, 1, planned_time());
      if (index < stable_until) place(stable[static_cast<std::size_t>(p)], p, 0, planned_time());
    }
  return true;
}

void World::State::place(Pod& pod, int number, int of_release, double now) {
  pod = Pod{};
  std::uint64_t seed = stream ^ (static_cast<std::uint64_t>(of_release + 8) << 56) ^ (static_cast<std::uint64_t>(number + 1) << 48);
  pod.random = Random(splitmix(seed));
  pod.number = number;
  pod.release = of_release;
  pod.node = number % nodes_per_fleet;
  if (scenario->new_node && of_release <= 0 && pod.node == device) pod.node = 0;
  pod.running = true;
  for (std::size_t i = 0; i < levels; ++i) {
    pod.effect[i] = model->levels[i].pod_spread * pod.random.normal();
    pod.x[i] = model->levels[i].sd * pod.random.normal();
  }
  for (std::size_t h = 0; h < histograms; ++h) pod.latency_effect[h] = model->histograms[h].pod_spread * pod.random.normal();
  pod.error_effect = model->errors_pod_spread * pod.random.normal();
  pod.request_effect = model->requests_pod_spread * pod.random.normal();
  pod.saw_period = 40 + 40 * pod.random.uniform();
  pod.saw_phase = pod.random.uniform();
  pod.burst_phase = static_cast<int>(60 * pod.random.uniform());
  restart(pod, now - scrape_seconds);
  pod.fresh = false;
  pod.last = now - scrape_seconds;
}

void World::State::restart(Pod& pod, double now) {
  pod.values.fill(0);
  pod.started = now;
  pod.values[start_series] = now;
  pod.last = now;
  pod.fresh = true;
}

Changes World::State::changes(const Pod& pod, int at, double now) const {
  Changes c;
  for (const Effect& e : scenario->effects) {
    if (!active(e, at) || !covers(e, pod, device)) continue;
    const auto level = static_cast<std::size_t>(e.metric - first_gauge);
    const auto histogram = static_cast<std::size_t>(e.metric - first_histogram);
    const bool is_level = e.metric >= first_gauge && e.metric < restarts;
    const bool is_histogram = e.metric >= first_histogram && e.metric < first_gauge;
    switch (e.kind) {
      case EffectKind::scale:
        if (e.metric == errors) c.error_scale *= e.size;
        if (e.metric == requests) c.requests *= e.size;
        if (is_histogram) c.latency[histogram] += std::log(e.size);
        if (is_level) c.shift[level] += e.metric == cache_ratio ? -std::log(e.size) : std::log(e.size);
        break;
      case EffectKind::add:
        if (e.metric == errors) c.error_add += e.size;
        if (is_level) c.shift[level] += e.size;
        break;
      case EffectKind::trend: c.shift[level] += std::log1p(e.size * (at - e.from) * scrape_seconds / hour); break;
      case EffectKind::variance: c.sd[level] *= std::sqrt(e.size); break;
      case EffectKind::restart: c.restart_mean = e.size; break;
      case EffectKind::load: c.load *= e.size; break;
      case EffectKind::sawtooth: {
        const double turn = (now - pod.started) / scrape_seconds / pod.saw_period + pod.saw_phase;
        c.shift[level] += std::log1p(e.size * (2 * (turn - std::floor(turn)) - 1));
        break;
      }
      case EffectKind::bursts: {
        if ((at + 60 * earlier_offset + pod.burst_phase) % 60 >= 6) break;
        if (is_histogram) c.latency[histogram] += std::log(e.size);
        if (is_level) c.shift[level] += std::log(e.size);
        break;
      }
      case EffectKind::transient:
        c.start = e.size;
        c.start_length = 2.5;
        break;
    }
  }
  return c;
}

void World::State::wander(Pod& pod, const Changes& c) {
  const double phi = model->phi, innovation = std::sqrt(1 - phi * phi);
  for (std::size_t i = 0; i < levels; ++i) {
    double z = pod.random.normal();
    if (scenario->innovations == Innovations::t3) {
      const double a = pod.random.normal(), b = pod.random.normal(), d = pod.random.normal();
      z /= std::sqrt(a * a + b * b + d * d);  // t3 / sqrt(3): variance 1
    }
    pod.x[i] = phi * pod.x[i] + model->levels[i].sd * innovation * c.sd[i] * z;
  }
}

void World::State::step_levels(Pod& pod, const Changes& c, double age, double log_load, double dt) {
  const auto node = static_cast<std::size_t>(pod.node);
  for (std::size_t i = 0; i < levels; ++i) {
    const LevelModel& m = model->levels[i];
    double y = base[i] + node_effect[node][i] + pod.effect[i] + m.load_elasticity * log_load + pod.x[i] + c.shift[i];
    if (m.start.amplitude != 0) {
      const double faded = age / (m.start.seconds * c.start_length);
      if (faded < 30) y += c.start * m.start.amplitude * std::exp(-faded);
    }
    if (scenario->innovations == Innovations::spikes && pod.random.uniform() < 0.01) y += m.sd * (6 + 4 * pod.random.uniform());
    const int metric = first_gauge + static_cast<int>(i);
    const double value = metric == cache_ratio ? logistic(y) : std::exp(y);
    double& shown = pod.values[first_level_series + i];
    if (metric >= first_rate) shown += value * dt;
    else shown = scenario->integers ? round_gauge(metric, value) : value;
  }
}

double World::State::round_gauge(int metric, double value) const {
  switch (metric) {
    case threads: return model->levels[static_cast<std::size_t>(threads - first_gauge)].base;
    case queue: return std::round(short_queue * value);
    case connections: return std::round(few_connections * value);
    case in_flight: return std::round(few_requests * value);
    case cache_ratio: return std::round(100 * value) / 100;
    default: return std::round(value);
  }
}

void World::State::step_counts(Pod& pod, const Changes& c, double age, double load, double dt) {
  const Model& m = *model;
  const auto node = static_cast<std::size_t>(pod.node);
  const double mean = m.requests_per_second * dt * load * c.requests * std::exp(pod.request_effect);
  const double total = pod.random.poisson(mean * pod.random.gamma(m.requests_cv));
  const double ratio = m.error_ratio * c.error_scale * std::exp(pod.error_effect + node_errors[node]) + c.error_add;
  const double bad = total > 0 ? pod.random.binomial(total, std::min(1.0, ratio * pod.random.gamma(m.errors_cv))) : 0;
  pod.values[good_series] += total - bad;
  pod.values[bad_series] += bad;
  const bool changed = scenario->new_buckets && pod.release == 1;
  const double log_load = std::log(load);
  for (std::size_t h = 0; h < histograms; ++h) {
    const HistogramModel& hm = m.histograms[h];
    const double count = h == 0 ? total : pod.random.poisson(total * hm.per_request);
    if (count <= 0) continue;
    double shift = pod.latency_effect[h] + node_latency[node][h] + hm.load_elasticity * log_load + c.latency[h] + hm.wobble * pod.random.normal();
    const double faded = age / (hm.start.seconds * c.start_length);
    if (faded < 30) shift += c.start * hm.start.amplitude * std::exp(-faded);
    const HistogramTable& table = changed ? changed_table[h] : ordinary_table[h];
    double* bucket = &pod.values[first_bucket_series + histogram_series * h];
    table.draw(count, shift, pod.random, bucket);
    const double spread = table.relative_sd() / std::sqrt(count) * pod.random.normal();
    bucket[buckets] += count * table.mean() * std::exp(shift) * std::max(0.1, 1 + spread);
    bucket[buckets + 1] += count;
  }
}

void World::State::step(Pod& pod, int at, double planned, double day_load) {
  const Changes c = changes(pod, at, planned);
  const bool candidate_pod = pod.release == 1;
  const double width = candidate_pod && scenario->candidate_jitter >= 0 ? scenario->candidate_jitter : model->jitter;
  const double now = planned + width * (2 * pod.random.uniform() - 1);
  const double lost_probability = candidate_pod && scenario->candidate_lost >= 0 ? scenario->candidate_lost : model->lost;
  bool lost = pod.random.uniform() < lost_probability;
  const double hazard = model->restarts_per_hour / hour + (c.restart_mean > 0 ? 1 / c.restart_mean : 0);
  const bool rebooting = pod.node == device && at >= scenario->reboot_from && at < scenario->reboot_to;
  wander(pod, c);
  if (pod.random.uniform() < hazard * scrape_seconds || rebooting) {
    restart(pod, now);  // answers again at the next scrape
    lost = true;
  } else {
    const double dt = now - pod.last, age = now - pod.started, load = day_load * c.load;
    step_levels(pod, c, age, std::log(load), dt);
    step_counts(pod, c, age, load, dt);
    pod.last = now;
  }
  show(pod, now, lost);
}

void World::State::show(Pod& pod, double now, bool lost) {
  PodScrape shown;
  shown.pod = pod.number;
  shown.node = pod.node;
  shown.release = pod.release;
  shown.time = now;
  shown.age = now - pod.started;
  shown.lost = lost;
  if (!lost) {
    shown.restarted = pod.fresh;
    pod.fresh = false;
    shown.schema = &ordinary_schema();
    shown.values = pod.values;
    if (pod.release == 1 && scenario->new_buckets) shown.schema = &changed_buckets_schema();
    if (pod.release == 1 && scenario->missing_series) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < series_count; ++i)
        if (!is_missing(ordinary_schema()[i])) pod.shown[kept++] = pod.values[i];
      shown.schema = &missing_series_schema();
      shown.values = std::span(pod.shown).first(kept);
    }
  }
  scrapes.push_back(shown);
}

World::World() : state_(std::make_unique<State>()) {}
World::~World() = default;
World::World(World&&) noexcept = default;
World& World::operator=(World&&) noexcept = default;

void World::begin(const Model& model, const Scenario& scenario, Layout layout, bool history, std::uint64_t stream) {
  state_->begin(model, scenario, layout, history, stream);
}

int World::device() const { return state_->device; }

bool World::next(FleetScrape& out) {
  State& s = *state_;
  if (!s.advance()) return false;
  // Scrapes of the candidate count from 0; effects may reach back into the stable release's, not into earlier ones'.
  const int at = s.release == 1 ? s.index : s.release == 0 ? s.index - stable_scrapes : -earlier_offset + s.index;
  const double planned = s.planned_time();
  const double day_load = 1 + s.model->day_amplitude * std::sin(2 * std::numbers::pi * planned / day + s.phase);
  s.scrapes.clear();
  const bool pulling = s.release == 1 && at < s.scenario->pull_failing_until;
  // An autoscaler's new pods share the load.
  double share = 1;
  if (s.release == 1 && s.scenario->scale_out_at >= 0 && at >= s.scenario->scale_out_at) share = 1.6 * pods_per_release / max_pods_per_release;
  for (Pod& pod : s.stable)
    if (pod.running) s.step(pod, at, planned, day_load * share);
  for (Pod& pod : s.candidate) {
    if (pulling && pod.number < pods_per_release && s.release == 1) continue;
    if (pod.running) s.step(pod, at, planned, day_load * share);
  }
  if (pulling)
    for (int p = 0; p < pods_per_release; ++p) {
      PodScrape waiting;
      waiting.pod = p;
      waiting.node = p;
      waiting.release = 1;
      waiting.time = planned;
      waiting.lost = true;
      waiting.image_pull_failed = true;
      s.scrapes.push_back(waiting);
    }
  const Scenario& scenario = *s.scenario;
  for (int n = 0; n < nodes_per_fleet; ++n) {
    NodeFacts& facts = s.facts[static_cast<std::size_t>(n)];
    facts = NodeFacts{};
    if (n != s.device) continue;
    facts.ready = !(at >= scenario.reboot_from && at < scenario.reboot_to);
    facts.others_degraded = at >= scenario.node_facts_from && at < scenario.node_facts_to;
  }
  out.phase = s.release < 0 ? Phase::earlier : s.release == 0 ? Phase::stable : Phase::candidate;
  out.release = s.release;
  out.index = s.index;
  out.time = planned;
  out.pods = s.scrapes;
  out.nodes = s.facts;
  out.registry_failing = pulling;
  out.others_degraded = at >= scenario.others_from && at < scenario.others_to;
  out.true_load = day_load * share;
  for (const Effect& e : scenario.effects)
    if (e.kind == EffectKind::load && e.where == Where::everywhere && active(e, at)) out.true_load *= e.size;
  return true;
}

std::uint64_t stream_of(std::uint64_t seed, std::string_view cell, std::uint64_t index) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a of the cell's name
  for (const char c : cell) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::uint64_t state = seed;
  state = splitmix(state) ^ hash;
  state = splitmix(state) ^ index;
  return splitmix(state);
}

}  // namespace charon::bench
