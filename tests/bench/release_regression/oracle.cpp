#include "tests/bench/release_regression/oracle.hpp"

#include "tests/bench/release_regression/oracle_counts.hpp"
#include "tests/bench/release_regression/oracle_levels.hpp"
#include "tests/bench/release_regression/oracle_reading.hpp"

#include <algorithm>
#include <cmath>

namespace charon::bench {
namespace {

constexpr double alarm = 1000, pass_at = 100;
constexpr double hour = 3600;

/// The benchmark's sizes of one fault and kind.
std::vector<double> sizes_of(std::string_view fault, bool logarithm = false) {
  std::vector<double> sizes;
  for (const FaultSize& size : fault_sizes())
    if (size.fault == fault) sizes.push_back(logarithm ? std::log(size.effect.size) : size.effect.size);
  return sizes;
}

/// As agent and table have it (lib/detection/metric_table.cpp; availability_judge.cpp, restlessness.cpp).
constexpr double tolerated_requests = 0.82, tolerated_restarts = 7200, tolerated_variance = 1.4;

LevelHypotheses hypotheses_of(int metric, bool tolerant) {
  LevelHypotheses h;
  if (metric < first_gauge) {
    h.shifts = sizes_of("latency", true);
    const double harmless = Model{}.histograms[static_cast<std::size_t>(metric - first_histogram)].harmless;
    if (tolerant) h.tolerated = {harmless, 0, tolerated_variance};
    if (tolerant) std::erase_if(h.shifts, [&](double shift) { return shift <= harmless; });
    return h;
  }
  h.shifts = sizes_of(metric == cpu ? "cpu" : "level", true);
  if (metric == cache_ratio)
    for (double& shift : h.shifts) shift = -shift;
  if (metric == memory || metric == heap || metric == goroutines) h.trends = sizes_of("leak");
  if (metric == descriptors) h.trends = sizes_of("descriptors");
  if (metric < first_rate) h.variances = sizes_of("variance");
  if (tolerant) {
    const double harmless = Model{}.levels[static_cast<std::size_t>(metric - first_gauge)].harmless;
    h.tolerated = {harmless, std::expm1(std::abs(harmless)), tolerated_variance};
    std::erase_if(h.shifts, [&](double shift) { return std::abs(shift) <= std::abs(harmless); });
  }
  return h;
}

enum class Kind { mixing, tolerant, told, passing };

class Oracle : public Column {
 public:
  explicit Oracle(Kind kind)
      : kind_(kind), errors_(model_.errors_cv, square(model_.errors_pod_spread) + square(model_.errors_node_spread), true, sizes_of("errors"), tolerated(harmless_errors)),
        requests_(model_.requests_cv, square(model_.requests_pod_spread), false, sizes_of("stall"), tolerated(tolerated_requests)),
        restarts_(model_.restarts_per_hour / hour, sizes_of("restarts"), tolerated(tolerated_restarts)) {
    for (std::size_t i = 0; i < level_count; ++i) {
      const LevelModel& m = model_.levels[i];
      levels_.emplace_back(m.pod_spread, m.node_spread, hypotheses_of(first_gauge + static_cast<int>(i), kind == Kind::tolerant));
    }
    for (std::size_t h = 0; h < histogram_count; ++h) {
      const HistogramModel& m = model_.histograms[h];
      levels_.emplace_back(m.pod_spread, m.node_spread, hypotheses_of(first_histogram + static_cast<int>(h), kind == Kind::tolerant));
      readers_[h] = ShiftReader(m.median, m.sigma, default_bounds());
    }
  }

  void begin(const Setting& setting) override;
  Decision scrape(const FleetScrape& fleet) override;

 private:
  static double square(double x) { return x * x; }
  std::optional<double> tolerated(double effect) const { return kind_ == Kind::tolerant ? std::optional(effect) : std::nullopt; }
  static double fading(const Transient& t, double age) { return t.amplitude * std::exp(-age / t.seconds); }
  void observe(const PodScrape& pod, const FleetScrape& fleet);
  void observe_level(std::size_t metric, const PodScrape& pod, int step, double y, double variance);
  double mixture() const;
  double told() const;
  bool passes() const;

  Kind kind_;
  Model model_;  // the columns' parameters are the defaults; phi and the rate come with the setting
  const Scenario* told_ = nullptr;
  int told_device_ = 0;
  std::vector<LevelEvidence> levels_;
  std::array<ShiftReader, histogram_count> readers_;
  RateEvidence errors_, requests_;
  RestartEvidence restarts_;
  std::array<PodReader, scaled_out_pods> stable_, candidate_;
  Reading reading_;
  int release_ = 0;
};

void Oracle::begin(const Setting& setting) {
  model_.phi = setting.phi;
  told_ = setting.told;
  told_device_ = setting.told_device;
  for (std::size_t i = 0; i < levels_.size(); ++i) levels_[i].begin(i < level_count ? setting.phi : 0);
  errors_.begin();
  requests_.begin();
  restarts_.begin();
  for (PodReader& reader : stable_) reader.clear();
  for (PodReader& reader : candidate_) reader.clear();
  release_ = -earlier_releases;
}

void Oracle::observe_level(std::size_t metric, const PodScrape& pod, int step, double y, double variance) {
  const auto p = static_cast<std::size_t>(pod.pod);
  if (pod.release == 1) levels_[metric].observe_candidate(p, step, y, variance);
  else levels_[metric].observe_stable(p, static_cast<std::size_t>(pod.node), step, y, variance);
}

void Oracle::observe(const PodScrape& pod, const FleetScrape& fleet) {
  const auto p = static_cast<std::size_t>(pod.pod);
  const bool candidate = pod.release == 1;
  if (candidate && p >= oracle_pods) return;
  const int step = !candidate && fleet.release == 1 ? stable_scrapes + fleet.index : fleet.index;
  if (!(candidate ? candidate_ : stable_)[p].read(pod, step, reading_)) return;
  const double load = fleet.true_load, log_load = std::log(load);
  for (std::size_t i = 0; i < level_count; ++i) {
    if (!reading_.has_level[i]) continue;
    const LevelModel& m = model_.levels[i];
    observe_level(i, pod, step, reading_.level[i] - m.load_elasticity * log_load - fading(m.start, pod.age), square(m.sd));
  }
  for (std::size_t h = 0; h < histogram_count; ++h) {
    if (!reading_.has_histogram[h]) continue;
    const HistogramModel& m = model_.histograms[h];
    const LevelEvidence& level = levels_[level_count + h];
    const double known = m.load_elasticity * log_load + fading(m.start, pod.age);
    const double expected = candidate ? level.expected_candidate(p) : level.expected_stable(p);
    const ShiftReader::Shift shift = readers_[h].read(reading_.counts[h], expected + known);
    if (shift.variance > 0) observe_level(level_count + h, pod, step, shift.y - known, shift.variance + square(m.wobble));
  }
  const double served = reading_.seconds * load;
  if (!candidate) {
    errors_.observe_stable(reading_.bad, reading_.total);
    requests_.observe_stable(reading_.total, served);
    return;
  }
  errors_.observe_candidate(p, reading_.bad, reading_.total);
  requests_.observe_candidate(p, reading_.total, served);
  restarts_.observe(p, reading_.restarted, reading_.seconds);
}

Decision Oracle::scrape(const FleetScrape& fleet) {
  if (fleet.release != release_) {
    if (fleet.release < 1) {  // the stable pods of before are gone
      for (LevelEvidence& level : levels_) level.next_release();
      for (PodReader& reader : stable_) reader.clear();
    }
    release_ = fleet.release;
  }
  const bool judging = fleet.phase == Phase::candidate;
  if (judging) {
    for (LevelEvidence& level : levels_) {
      if (fleet.index == 0) level.prepare();
      level.start_of(fleet.index);
    }
    errors_.start_of(fleet.index);
    requests_.start_of(fleet.index);
    restarts_.start_of(fleet.index);
  }
  for (const PodScrape& pod : fleet.pods) observe(pod, fleet);
  if (!judging) return {};
  for (LevelEvidence& level : levels_) level.prepare();
  Decision decision;
  const bool mixes = kind_ == Kind::mixing || kind_ == Kind::tolerant;
  const bool alarms = mixes ? mixture() >= alarm : kind_ == Kind::told && told() >= std::log(alarm);
  if (alarms) decision.verdict = Verdict::rollback;
  if (kind_ == Kind::passing && passes()) decision.verdict = Verdict::pass;
  return decision;
}

double Oracle::mixture() const {
  const auto mean = [](double sum, std::size_t count) { return sum / static_cast<double>(count); };
  double sum = mean(errors_.mixture(), errors_.sizes().size()) + mean(requests_.mixture(), requests_.sizes().size()) +
               mean(restarts_.mixture(), restarts_.sizes().size());
  for (const LevelEvidence& level : levels_) sum += mean(level.mixture(), level.hypotheses().count());
  return sum / metric_count;
}

double Oracle::told() const {
  if (told_->effects.size() != 1 || told_->size.empty()) return 0;
  const Effect& e = told_->effects.front();
  const int onset = told_->onset / onset_grid;
  const std::size_t scope = told_->one_device ? static_cast<std::size_t>(told_device_) : oracle_pods;
  const auto index = [&](const std::vector<double>& sizes) {
    return static_cast<std::size_t>(std::find(sizes.begin(), sizes.end(), e.size) - sizes.begin());
  };
  if (e.metric == errors) return errors_.log_ratio(index(errors_.sizes()), onset, scope);
  if (e.metric == requests) return requests_.log_ratio(index(requests_.sizes()), onset, scope);
  if (e.metric == restarts) return restarts_.log_ratio(index(restarts_.sizes()), onset, scope);
  const auto which = static_cast<std::size_t>(e.metric < first_gauge ? level_count + e.metric - first_histogram : e.metric - first_gauge);
  const LevelEvidence& level = levels_[which];
  if (e.kind == EffectKind::trend) return level.log_trend(index(level.hypotheses().trends), onset, scope);
  if (e.kind == EffectKind::variance) return level.log_variance(index(level.hypotheses().variances), onset, scope);
  return level.log_shift(std::log(e.size), onset, scope);
}

bool Oracle::passes() const {
  const double enough = std::log(pass_at), least_shift = sizes_of("latency", true).front();
  const std::size_t each_5_minutes = 1;
  for (std::size_t p = 0; p < oracle_pods; ++p) {
    if (-errors_.log_ratio(0, 0, p) < enough || -restarts_.log_ratio(each_5_minutes, 0, p) < enough) return false;
    for (std::size_t h = 0; h < histogram_count; ++h)
      if (-levels_[level_count + h].log_shift(least_shift, 0, p) < enough) return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<Column> make_oracle() { return std::make_unique<Oracle>(Kind::mixing); }
std::unique_ptr<Column> make_oracle_tolerance() { return std::make_unique<Oracle>(Kind::tolerant); }
std::unique_ptr<Column> make_oracle_told() { return std::make_unique<Oracle>(Kind::told); }
std::unique_ptr<Column> make_oracle_pass() { return std::make_unique<Oracle>(Kind::passing); }

}  // namespace charon::bench
