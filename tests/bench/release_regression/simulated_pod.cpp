#include "tests/bench/release_regression/simulated_pod.hpp"

#include <algorithm>
#include <cmath>

namespace charon::bench {
namespace {

constexpr double hour = 3600;
constexpr std::size_t levels = level_count, histograms = histogram_count;
constexpr int before_any_scrape = 20000;  // keeps the phase of bursts positive
constexpr double few_connections = 0.2, few_requests = 0.1, short_queue = 0.03;  // integer world: what small gauges are scaled by

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// A gauge that counts, of a small service.
double rounded(int metric, double value, const LevelModel& model) {
  switch (metric) {
    case threads: return model.base;
    case queue: return std::round(short_queue * value);
    case connections: return std::round(few_connections * value);
    case in_flight: return std::round(few_requests * value);
    case cache_ratio: return std::round(100 * value) / 100;
    default: return std::round(value);
  }
}

}  // namespace

/// What the scenario does to one pod at one scrape.
struct SimulatedPod::Changes {
  std::array<double, levels> shift{}, sd{};
  std::array<double, histograms> latency{};
  double error_scale = 1, error_add = 0, requests = 1, load = 1, start = 1, start_length = 1;
  double restart_mean = 0;  // seconds; 0: none

  Changes() { sd.fill(1); }
};

bool is_active(const Effect& e, int index) {
  if (index < e.from || index >= e.to) return false;
  return e.period == 0 || (index - e.from) % e.period < e.on;
}

bool SimulatedPod::is_hit(const Effect& e, int device) const {
  switch (e.where) {
    case Where::candidates: return release_ == 1;
    case Where::one_candidate: return release_ == 1 && number_ == device;
    case Where::node: return node_ == device;
    case Where::everywhere: return true;
  }
  return false;
}

void SimulatedPod::start(const Surroundings& around, int number, int of_release, double now, std::uint64_t stream) {
  const Model& model = *around.model;
  std::uint64_t seed = stream ^ (static_cast<std::uint64_t>(of_release + 8) << 56) ^ (static_cast<std::uint64_t>(number + 1) << 48);
  random_ = Random(splitmix(seed));
  number_ = number;
  release_ = of_release;
  node_ = number % nodes_per_fleet;
  if (around.scenario->new_node && of_release <= 0 && node_ == around.device) node_ = 0;
  running_ = true;
  for (std::size_t i = 0; i < levels; ++i) {
    effect_[i] = model.levels[i].pod_spread * random_.normal();
    x_[i] = model.levels[i].sd * random_.normal();
  }
  for (std::size_t h = 0; h < histograms; ++h) latency_effect_[h] = model.histograms[h].pod_spread * random_.normal();
  error_effect_ = model.errors_pod_spread * random_.normal();
  request_effect_ = model.requests_pod_spread * random_.normal();
  saw_period_ = 40 + 40 * random_.uniform();
  saw_phase_ = random_.uniform();
  burst_phase_ = static_cast<int>(60 * random_.uniform());
  restart(now - scrape_seconds);
  fresh_ = false;
  last_ = now - scrape_seconds;
}

void SimulatedPod::restart(double now) {
  values_.fill(0);
  started_ = now;
  values_[start_series] = now;
  last_ = now;
  fresh_ = true;
}

SimulatedPod::Changes SimulatedPod::changes(const Surroundings& around, int at, double now) const {
  Changes c;
  for (const Effect& e : around.scenario->effects) {
    if (!is_active(e, at) || !is_hit(e, around.device)) continue;
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
        const double turn = (now - started_) / scrape_seconds / saw_period_ + saw_phase_;
        c.shift[level] += std::log1p(e.size * (2 * (turn - std::floor(turn)) - 1));
        break;
      }
      case EffectKind::bursts: {
        if ((at + 60 * before_any_scrape + burst_phase_) % 60 >= 6) break;
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

void SimulatedPod::wander(const Surroundings& around, const Changes& c) {
  const Model& model = *around.model;
  const double phi = model.phi, innovation = std::sqrt(1 - phi * phi);
  for (std::size_t i = 0; i < levels; ++i) {
    double z = random_.normal();
    if (around.scenario->innovations == Innovations::t3) {
      const double a = random_.normal(), b = random_.normal(), d = random_.normal();
      z /= std::sqrt(a * a + b * b + d * d);  // t3 / sqrt(3): variance 1
    }
    x_[i] = phi * x_[i] + model.levels[i].sd * innovation * c.sd[i] * z;
  }
}

void SimulatedPod::step_levels(const Surroundings& around, const Changes& c, double age, double log_load, double dt) {
  const Surroundings::Node& node = around.nodes[static_cast<std::size_t>(node_)];
  for (std::size_t i = 0; i < levels; ++i) {
    const LevelModel& m = around.model->levels[i];
    double y = around.base[i] + node.levels[i] + effect_[i] + m.load_elasticity * log_load + x_[i] + c.shift[i];
    if (m.start.amplitude != 0) {
      const double faded = age / (m.start.seconds * c.start_length);
      if (faded < 30) y += c.start * m.start.amplitude * std::exp(-faded);
    }
    if (around.scenario->innovations == Innovations::spikes && random_.uniform() < 0.01) y += m.sd * (6 + 4 * random_.uniform());
    const int metric = first_gauge + static_cast<int>(i);
    const double value = metric == cache_ratio ? logistic(y) : std::exp(y);
    double& shown = values_[first_level_series + i];
    if (metric >= first_rate) shown += value * dt;
    else shown = around.scenario->integers ? rounded(metric, value, m) : value;
  }
}

void SimulatedPod::step_counts(const Surroundings& around, const Changes& c, double age, double load, double dt) {
  const Model& m = *around.model;
  const Surroundings::Node& node = around.nodes[static_cast<std::size_t>(node_)];
  const double part = release_ == 1 ? 1 : around.scenario->stable_requests;
  const double mean = part * m.requests_per_second * dt * load * c.requests * std::exp(request_effect_);
  const double total = random_.poisson(mean * random_.gamma(m.requests_cv));
  const double ratio = m.error_ratio * c.error_scale * std::exp(error_effect_ + node.errors) + c.error_add;
  const double bad = total > 0 ? random_.binomial(total, std::min(1.0, ratio * random_.gamma(m.errors_cv))) : 0;
  values_[good_series] += total - bad;
  values_[bad_series] += bad;
  const bool changed = around.scenario->new_buckets && release_ == 1;
  const double log_load = std::log(load);
  for (std::size_t h = 0; h < histograms; ++h) {
    const HistogramModel& hm = m.histograms[h];
    const double count = h == 0 ? total : random_.poisson(total * hm.per_request);
    if (count <= 0) continue;
    double shift = latency_effect_[h] + node.latency[h] + hm.load_elasticity * log_load + c.latency[h] + hm.wobble * random_.normal();
    const double faded = age / (hm.start.seconds * c.start_length);
    if (faded < 30) shift += c.start * hm.start.amplitude * std::exp(-faded);
    const HistogramTable& table = changed ? around.changed_tables[h] : around.ordinary_tables[h];
    double* bucket = &values_[first_bucket_series + histogram_series * h];
    table.draw(count, shift, random_, bucket);
    const double spread = table.relative_sd() / std::sqrt(count) * random_.normal();
    bucket[buckets] += count * table.mean() * std::exp(shift) * std::max(0.1, 1 + spread);
    bucket[buckets + 1] += count;
  }
}

PodScrape SimulatedPod::scrape(const Surroundings& around, int at, double planned, double day_load) {
  const Model& model = *around.model;
  const Scenario& scenario = *around.scenario;
  const Changes c = changes(around, at, planned);
  const bool candidate_pod = release_ == 1;
  const double width = candidate_pod && scenario.candidate_jitter >= 0 ? scenario.candidate_jitter : model.jitter;
  const double now = planned + width * (2 * random_.uniform() - 1);
  const double lost_probability = candidate_pod && scenario.candidate_lost >= 0 ? scenario.candidate_lost : model.lost;
  bool lost = random_.uniform() < lost_probability;
  const double hazard = model.restarts_per_hour / hour + (c.restart_mean > 0 ? 1 / c.restart_mean : 0);
  const bool rebooting = node_ == around.device && at >= scenario.reboot_from && at < scenario.reboot_to;
  wander(around, c);
  if (random_.uniform() < hazard * scrape_seconds || rebooting) {
    restart(now);  // answers again at the next scrape
    lost = true;
  } else {
    const double dt = now - last_, age = now - started_, load = day_load * c.load;
    step_levels(around, c, age, std::log(load), dt);
    step_counts(around, c, age, load, dt);
    last_ = now;
  }
  return show(scenario, now, lost);
}

PodScrape SimulatedPod::show(const Scenario& scenario, double now, bool lost) {
  PodScrape shown;
  shown.pod = number_;
  shown.node = node_;
  shown.release = release_;
  shown.time = now;
  shown.age = now - started_;
  shown.lost = lost;
  if (!lost) {
    shown.restarted = fresh_;
    fresh_ = false;
    shown.schema = &ordinary_schema();
    shown.values = values_;
    if (release_ == 1 && scenario.new_buckets) shown.schema = &changed_buckets_schema();
    if (release_ == 1 && scenario.missing_series) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < series_count; ++i)
        if (!is_missing(ordinary_schema()[i])) shown_[kept++] = values_[i];
      shown.schema = &missing_series_schema();
      shown.values = std::span(shown_).first(kept);
    }
  }
  return shown;
}

}  // namespace charon::bench
