#include "tests/bench/release_regression/oracle_levels.hpp"

#include <algorithm>

namespace charon::bench {
namespace {

constexpr double hour = 3600;

}  // namespace

LevelEvidence::LevelEvidence(double pod_spread, double node_spread, LevelHypotheses hypotheses)
    : pod_variance_(pod_spread * pod_spread), node_variance_(node_spread * node_spread), hypotheses_(std::move(hypotheses)) {
  std::vector<double> trends = hypotheses_.trends;
  if (!trends.empty() && hypotheses_.tolerated) trends.push_back(hypotheses_.tolerated->trend);
  for (const double trend : trends) {
    growth_.emplace_back();
    for (int lag = 0; lag < candidate_scrapes; ++lag)
      growth_.back()[static_cast<std::size_t>(lag)] = std::log1p(trend * lag * scrape_seconds / hour);
  }
}

void LevelEvidence::begin(double phi) {
  phi_ = phi;
  started_ = 0;
  prepared_ = false;
  precision_.fill(0);
  weighted_.fill(0);
  stable_.fill({});
  candidate_.fill({});
  for (auto& seen : shift_seen_) seen.fill(false);
  trend_sums_.assign(growth_.size() * onset_count, {});
  variances_.clear();
}

void LevelEvidence::next_release() {
  for (Chain& chain : stable_) {
    if (chain.seen > 0) {
      const double precision = 1 / (1 / chain.a + pod_variance_);
      precision_[chain.node] += precision;
      weighted_[chain.node] += precision * chain.b / chain.a;
    }
    chain = {};
  }
}

LevelEvidence::Innovation LevelEvidence::innovation(const Chain& chain, double phi, int step, double y, double variance) {
  if (chain.seen == 0 || phi == 0) return {y, 1, variance, 0, chain.seen == 0 ? 0 : step - chain.step};
  const int gap = step - chain.step;
  const double r = gap == 1 ? phi : std::pow(phi, gap);
  return {y - r * chain.y, 1 - r, variance * (1 - r * r), r, gap};
}

void LevelEvidence::add(Chain& chain, const Innovation& i, int step, double y) {
  chain.a += i.c * i.c / i.v;
  chain.b += i.c * i.e / i.v;
  chain.y = y;
  chain.step = step;
  ++chain.seen;
}

void LevelEvidence::observe_stable(std::size_t pod, std::size_t node, int step, double y, double variance) {
  Chain& chain = stable_[pod];
  chain.node = node;
  add(chain, innovation(chain, phi_, step, y, variance), step, y);
}

void LevelEvidence::start_of(int index) {
  variances_.start_of(index);
  if (index % onset_grid == 0) started_ = index / onset_grid + 1;
}

void LevelEvidence::observe_candidate(std::size_t pod, int step, double y, double variance) {
  Chain& chain = candidate_[pod];
  const Innovation i = innovation(chain, phi_, step, y, variance);
  const int before = chain.seen > 0 ? step - i.gap : -1;
  if (prepared_ && chain.seen > 0) {  // the first one's variance is the stationary one, which a fault has not reached yet
    // Where a shift is tolerable the pod's own scrapes tell its mean: one that others tell would make restlessness of the shift.
    const double told = hypotheses_.tolerated ? 0 : 1 / prior_[pod][pod], precision = told + chain.a;
    const double mean = (prior_mean_[pod] * told + chain.b) / precision, r = i.e - i.c * mean;
    const auto see = [&](std::size_t h, double times) {
      const double v0 = i.v + i.c * i.c / precision, v1 = times * i.v + i.c * i.c / precision;
      variances_.add(pod, h, 0.5 * (std::log(v0 / v1) + r * r * (1 / v0 - 1 / v1)));
    };
    for (std::size_t h = 0; h < hypotheses_.variances.size(); ++h) see(h, hypotheses_.variances[h]);
    if (!hypotheses_.variances.empty() && hypotheses_.tolerated) see(hypotheses_.variances.size(), hypotheses_.tolerated->variance);
  }
  add(chain, i, step, y);
  for (int o = 0; o < started_; ++o) {
    const auto at = static_cast<std::size_t>(o);
    if (!shift_seen_[at][pod]) {
      shift_seen_[at][pod] = true;
      // d = 1 here and d = c from now on.
      shift_start_[at][pod] = {i.c / i.v - chain.a, i.e / i.v - chain.b, 1 / i.v - chain.a};
    }
  }
  for (std::size_t k = 0; k < growth_.size(); ++k)
    for (int o = 0; o < started_; ++o) {
      const double d = growth(k, step - o * onset_grid) - i.r * growth(k, before - o * onset_grid);
      Sums& sums = trend_sums_[k * onset_count + static_cast<std::size_t>(o)][pod];
      sums.c += d * i.c / i.v;
      sums.d += d * i.e / i.v;
      sums.q += d * d / i.v;
    }
}

LevelEvidence::Matrix LevelEvidence::inverse(const Matrix& m) {
  const double c00 = m[1][1] * m[2][2] - m[1][2] * m[2][1], c01 = m[1][2] * m[2][0] - m[1][0] * m[2][2],
               c02 = m[1][0] * m[2][1] - m[1][1] * m[2][0];
  const double scale = 1 / (m[0][0] * c00 + m[0][1] * c01 + m[0][2] * c02);
  Matrix out;
  out[0] = {c00 * scale, (m[0][2] * m[2][1] - m[0][1] * m[2][2]) * scale, (m[0][1] * m[1][2] - m[0][2] * m[1][1]) * scale};
  out[1] = {c01 * scale, (m[0][0] * m[2][2] - m[0][2] * m[2][0]) * scale, (m[0][2] * m[1][0] - m[0][0] * m[1][2]) * scale};
  out[2] = {c02 * scale, (m[0][1] * m[2][0] - m[0][0] * m[2][1]) * scale, (m[0][0] * m[1][1] - m[0][1] * m[1][0]) * scale};
  return out;
}

void LevelEvidence::prepare() {
  std::array<double, nodes_per_fleet> precision = precision_, weighted = weighted_;
  for (const Chain& chain : stable_) {
    if (chain.seen == 0) continue;
    const double p = 1 / (1 / chain.a + pod_variance_);
    precision[chain.node] += p;
    weighted[chain.node] += p * chain.b / chain.a;
  }
  // Nodes' means given the pods that are no candidates; the flat prior of mu leaves the projection. The tiny constant
  // keeps the matrix regular where a node, or all of them, have not been seen.
  Matrix k;
  for (std::size_t i = 0; i < oracle_pods; ++i)
    for (std::size_t j = 0; j < oracle_pods; ++j)
      k[i][j] = (i == j ? precision[i] + 1 / node_variance_ + 1e-6 : 0) - 1 / (node_variance_ * static_cast<double>(oracle_pods));
  prior_ = inverse(k);
  for (std::size_t i = 0; i < oracle_pods; ++i) {
    prior_mean_[i] = 0;
    for (std::size_t j = 0; j < oracle_pods; ++j) prior_mean_[i] += prior_[i][j] * weighted[j];
  }
  for (std::size_t i = 0; i < oracle_pods; ++i) prior_[i][i] += pod_variance_;
  Matrix m = inverse(prior_);
  Vector b{};
  for (std::size_t i = 0; i < oracle_pods; ++i) {
    b[i] = candidate_[i].b;
    for (std::size_t j = 0; j < oracle_pods; ++j) b[i] += m[i][j] * prior_mean_[j];
  }
  for (std::size_t i = 0; i < oracle_pods; ++i) m[i][i] += candidate_[i].a;
  posterior_ = inverse(m);
  for (std::size_t i = 0; i < oracle_pods; ++i) {
    posterior_mean_[i] = 0;
    for (std::size_t j = 0; j < oracle_pods; ++j) posterior_mean_[i] += posterior_[i][j] * b[j];
  }
  prepared_ = true;
}

LevelEvidence::Ratio LevelEvidence::ratio(const std::array<Sums, oracle_pods>& s) const {
  Ratio out;
  for (std::size_t p = 0; p < oracle_pods; ++p) {
    out.u[p] = s[p].d - s[p].c * posterior_mean_[p];
    out.q[p] = s[p].q - s[p].c * s[p].c * posterior_[p][p];
    out.u[oracle_pods] += out.u[p];
    out.q[oracle_pods] += s[p].q;
    for (std::size_t j = 0; j < oracle_pods; ++j) out.q[oracle_pods] -= s[p].c * posterior_[p][j] * s[j].c;
  }
  return out;
}

std::array<LevelEvidence::Sums, oracle_pods> LevelEvidence::shift_sums(int onset) const {
  std::array<Sums, oracle_pods> sums{};
  const auto at = static_cast<std::size_t>(onset);
  for (std::size_t p = 0; p < oracle_pods; ++p)
    if (shift_seen_[at][p]) {
      const Sums& s = shift_start_[at][p];
      sums[p] = {candidate_[p].a + s.c, candidate_[p].b + s.d, candidate_[p].a + s.q};
    }
  return sums;
}

double LevelEvidence::mixture() const {
  double sum = 0, waiting = 0;
  for (int o = started_; o < onset_count; ++o) waiting += onset_weight(o);
  sum += waiting * static_cast<double>(hypotheses_.shifts.size() + hypotheses_.trends.size());
  for (int o = 0; o < started_; ++o) {
    const Ratio r = ratio(shift_sums(o));
    const auto log_shifted = [&](double shift, std::size_t s) { return shift * r.u[s] - 0.5 * shift * shift * r.q[s]; };
    const auto log_grown = [](const Ratio& t, std::size_t s) { return t.u[s] - 0.5 * t.q[s]; };
    const bool tolerant_growth = growth_.size() > hypotheses_.trends.size();
    const Ratio grown = tolerant_growth ? ratio(trend_sums(hypotheses_.trends.size(), o)) : Ratio();
    std::array<double, scopes> null{};
    if (hypotheses_.tolerated) {  // whatever of it fits best, here or on all devices: a shift that is none may look like growth
      const auto best = [&](std::size_t s) { return std::max(log_shifted(hypotheses_.tolerated->shift, s), tolerant_growth ? log_grown(grown, s) : 0); };
      for (std::size_t s = 0; s < scopes; ++s) null[s] = std::max({0.0, best(s), best(oracle_pods)});
    }
    double here = 0;
    for (std::size_t s = 0; s < scopes; ++s)
      for (const double shift : hypotheses_.shifts) here += scope_weight(s) * ratio_of(log_shifted(shift, s) - null[s]);
    for (std::size_t k = 0; k < hypotheses_.trends.size(); ++k) {
      const Ratio t = ratio(trend_sums(k, o));
      for (std::size_t s = 0; s < scopes; ++s) here += scope_weight(s) * ratio_of(log_grown(t, s) - null[s]);
    }
    sum += onset_weight(o) * here;
  }
  if (!hypotheses_.variances.empty()) sum += variances_.mixture(hypotheses_.variances.size(), hypotheses_.tolerated ? hypotheses_.variances.size() : max_variances);
  return sum;
}

double LevelEvidence::log_shift(double shift, int onset, std::size_t scope) const {
  if (onset >= started_) return 0;
  const Ratio r = ratio(shift_sums(onset));
  return shift * r.u[scope] - 0.5 * shift * shift * r.q[scope];
}

double LevelEvidence::log_trend(std::size_t trend, int onset, std::size_t scope) const {
  if (onset >= started_) return 0;
  const Ratio r = ratio(trend_sums(trend, onset));
  return r.u[scope] - 0.5 * r.q[scope];
}

double LevelEvidence::expected_stable(std::size_t pod) const {
  const Chain& chain = stable_[pod];
  return chain.a > 0 ? chain.b / chain.a : 0;
}

double LevelEvidence::expected_candidate(std::size_t pod) const {
  const Chain& chain = candidate_[pod];
  return chain.a > 0 ? chain.b / chain.a : prepared_ ? prior_mean_[pod] : 0;
}

}  // namespace charon::bench
