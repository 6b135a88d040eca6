#pragma once
/// The oracles' evidence in a metric that is Gaussian around a pod's mean: gauges and rates on their log (logit), medians
/// of durations.
///
/// Model: y_{p,t} = m_p + f(t) + x_{p,t}; x an AR(1) with known phi and variance; m_p = mu + node effect + pod effect, mu
/// with a flat prior, the effects N(0, node_spread^2), N(0, pod_spread^2). Conditioning each observation on the one before
/// it (g scrapes earlier, r = phi^g) gives independent e_t = y_t - r y_{t-g} with mean c m_p + d and variance v, where
/// c = 1 - r, d = f(t) - r f(t - g), v = variance (1 - r^2); the first one has c = 1, d = f(t), v = variance.
/// A pod that is no candidate tells of its node's mean with precision 1 / (1/A + pod_spread^2), A = sum c^2/v, so the
/// candidates' means have a joint Gaussian prior N(g, G) of dimension three. With A, B = sum c e/v per candidate and
/// M = G^-1 + diag(A), z = M^-1 (B + G^-1 g), the marginal likelihood ratio of effect s f against none is
///   log LR = s u - s^2 q / 2,  u = sum (D - C z),  q = sum Q - C' M^-1 C,
/// C = sum d c/v, D = sum d e/v, Q = sum d^2/v over the pods that are hit (Gaussian linear model with the means integrated
/// out: Harville, JASA 72, 1977; the AR(1) likelihood by innovations: Brockwell, Davis, Time Series, 1991, section 8.7).
/// A level shift has d = c but at its onset, so its sums are differences of A and B. The evidence for more variance is the
/// ratio of the one-step predictive densities (Dawid 1984, prequential), with the mean predicted as under the null.
#include "tests/bench/release_regression/oracle_onsets.hpp"

#include <optional>
#include <vector>

namespace charon::bench {

struct LevelHypotheses {
  std::vector<double> shifts;      ///< on the metric's scale: log 1.2
  std::vector<double> trends;      ///< growth an hour, as EffectKind::trend
  std::vector<double> variances;   ///< of the innovations, times
  /// What the null includes, where it is not health alone; in the same units.
  struct Tolerated { double shift, trend, variance; };
  std::optional<Tolerated> tolerated{};
  std::size_t count() const { return shifts.size() + trends.size() + variances.size(); }
};

class LevelEvidence {
 public:
  LevelEvidence(double pod_spread, double node_spread, LevelHypotheses hypotheses);

  void begin(double phi);
  /// Another release's pods follow: those seen so far keep what they told of their nodes.
  void next_release();
  /// A pod of an earlier or the stable release. `step`: scrapes since the release's start; `variance`: of x.
  void observe_stable(std::size_t pod, std::size_t node, int step, double y, double variance);
  void start_of(int index);
  void observe_candidate(std::size_t pod, int step, double y, double variance);
  /// After the observations of a scrape: call before the following.
  void prepare();

  /// Sum over the hypotheses of their mean likelihood ratio over onsets and scopes.
  double mixture() const;
  double log_shift(double shift, int onset, std::size_t scope) const;
  double log_trend(std::size_t trend, int onset, std::size_t scope) const;
  double log_variance(std::size_t variance, int onset, std::size_t scope) const { return variances_.log_ratio(variance, onset, scope); }
  const LevelHypotheses& hypotheses() const { return hypotheses_; }

  /// Where the next observation of a pod is expected, for linearising; 0 before anything was seen.
  double expected_stable(std::size_t pod) const;
  double expected_candidate(std::size_t pod) const;

 private:
  static constexpr std::size_t max_variances = 4;
  struct Chain {
    int step = 0, seen = 0;
    double y = 0, a = 0, b = 0;
    std::size_t node = 0;
  };
  struct Innovation {
    double e, c, v, r;
    int gap;
  };
  struct Sums {
    double c = 0, d = 0, q = 0;
  };
  struct Ratio {
    std::array<double, scopes> u{}, q{};
  };
  using Vector = std::array<double, oracle_pods>;
  using Matrix = std::array<Vector, oracle_pods>;

  static Innovation innovation(const Chain& chain, double phi, int step, double y, double variance);
  static void add(Chain& chain, const Innovation& i, int step, double y);
  static Matrix inverse(const Matrix& m);
  Ratio ratio(const std::array<Sums, oracle_pods>& sums) const;
  std::array<Sums, oracle_pods> shift_sums(int onset) const;
  const std::array<Sums, oracle_pods>& trend_sums(std::size_t trend, int onset) const {
    return trend_sums_[trend * onset_count + static_cast<std::size_t>(onset)];
  }
  double growth(std::size_t trend, int lag) const { return lag <= 0 ? 0 : growth_[trend][static_cast<std::size_t>(lag)]; }

  double pod_variance_, node_variance_;
  LevelHypotheses hypotheses_;
  double phi_ = 0;
  int started_ = 0;  // onsets
  std::array<double, nodes_per_fleet> precision_{}, weighted_{};  // of pods of releases before
  std::array<Chain, scaled_out_pods> stable_{};
  std::array<Chain, oracle_pods> candidate_{};
  std::array<std::array<Sums, oracle_pods>, onset_count> shift_start_{};
  std::array<std::array<bool, oracle_pods>, onset_count> shift_seen_{};
  std::vector<std::array<Sums, oracle_pods>> trend_sums_;
  std::vector<std::array<double, candidate_scrapes>> growth_;
  OnsetSums<max_variances> variances_;
  Vector prior_mean_{}, posterior_mean_{};
  Matrix prior_{}, posterior_{};
  bool prepared_ = false;
};

}  // namespace charon::bench
