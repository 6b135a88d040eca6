#pragma once
/// Evidence that a pod's share of bad requests is worse than the stable release's by more than a tolerance, and evidence
/// that it is not worse by an effect that matters.
///
/// Model. Of a scrape's n requests k are bad: Poisson, its mean n p times a Gamma of mean 1 and relative variance V, so that
/// k is negative binomial. V is the over-dispersion of a scrape, cv^2 (a named assumption: a healthy service's share moves
/// that much from scrape to scrape), plus what is uncertain of the stable share q, as far as it has a part in p.
///  - fail: null p <= slope q + tolerance; alternatives slope q + effect times `effect_multiples`, evenly mixed, over all
///    onsets (onset_mixture.hpp).
///  - pass: null p >= q + effect, alternative q, from the start.
/// All have the same V, so that with K = 1/V a scrape's likelihood ratio is ((K + m0)/(K + m1))^(K + k) (m1/m0)^k, of the
/// form c r^k. It is convex in k, and it grows (falls, for pass) with k. Hence its expectation is 1 at the null's edge and at
/// most 1 wherever the count's mean is no further and its distribution no wider in the convex order: shares in a healthy
/// pod that are smaller, less dispersed, or binomial instead of Poisson, cost power, not validity. `slope` has the natural
/// spread between pods and nodes, which persists from scrape to scrape and must not be mistaken for noise.
///
/// The ratio of one scrape is bounded above, which only lowers it: one scrape cannot decide.
/// What breaks it: a healthy share that stands above the null's edge, or is more dispersed than V, while no control shows it.
///
/// Sources: e-processes under optional stopping: A. Ramdas et al., "Game-theoretic statistics and safe anytime-valid inference",
/// Statist. Sci. 38, 2023 (arXiv 2210.01948); Poisson with a Gamma mean: A. Gelman et al., Bayesian Data Analysis, 3rd ed., 17.2.
/// Departs from the exact tests of two samples, of R. Turner, A. Ly, P. Grünwald (arXiv 2106.02693; shares of two streams) and of
/// M. Lindon, A. Malek (arXiv 2011.03567; counts that vary in time alike): these need no estimate of q and err in no case more
/// than alpha, but know neither over-dispersion nor pods that differ. Here q is estimated by others, and what is uncertain of it
/// is a part of V, drawn anew each scrape: an approximation where few requests are known of q, as all scrapes share its error.
#include "lib/detection/onset_mixture.hpp"

namespace charon::detection {

/// Requests and the bad ones among them.
struct Trials {
  double total = 0;
  double bad = 0;
  double share() const { return total > 0 ? bad / total : 0; }
};

/// What is known of a share: the mean of a Gamma, and its relative variance.
struct KnownShare {
  double mean = 0;
  double relative_variance = 0;
};

/// The stable release's share now: as far as it may excuse what is seen, the likely one, what it is at least, and what it is
/// surely at most.
struct StableShare {
  KnownShare most, likely;
  double least = 0, bound = 0;
};

inline constexpr std::array<double, 4> effect_multiples{1, 2.5, 6, 20};

struct CountSettings {
  double effect = 0.01;      ///< absolute rise of the share that matters, > tolerance
  double tolerance = 0.005;  ///< absolute rise that is no degradation
  double slope = 1.5;        ///< 1 + natural spread between pods and nodes, relative
  double dispersion = 0.3;   ///< cv of a scrape's share
  double cap = 6;            ///< most by which one scrape raises the log evidence of one size
};

class CountEvidence {
 public:
  explicit CountEvidence(const CountSettings& settings) : settings_(settings) {}
  void configure(const CountSettings& settings) { settings_ = settings; }
  void restart();

  /// A scrape begins, with requests or without.
  void tick(Time now) {
    worse_.tick(now);
    if (began_ == Time{}) began_ = now;
  }
  /// What `scrapes` >= 1 scrapes showed together.
  void observe(const Trials& seen, double scrapes, const StableShare& stable, std::optional<Time> at = {});
  /// The same where `stable` is known only up to before them: a part of the evidence until they are observed, and worth no
  /// more than one scrape.
  void preview(const Trials& seen, double scrapes, const StableShare& stable);

  double log_evidence() const { return worse_.log_evidence(preview_); }
  Time since() const { return worse_.since(); }
  /// Sums of the log ratios of all that was observed, one for each of `effect_multiples`, and when the first was: several
  /// pods' ratios add up to those of a fault that they all have. Pods share what is known of the stable share, so that many
  /// together would take its error for an effect, however wide V is for each: here it is StableShare::bound.
  const std::array<double, effect_multiples.size()>& shared_log_ratios() const { return shared_sums_; }
  Time began() const { return began_; }
  /// Of what is only previewed.
  const std::array<double, effect_multiples.size()>& shared_preview() const { return shared_preview_; }
  /// log of the e-value against "effect from the start".
  double log_pass_evidence() const { return log_pass_; }

 private:
  using Ratios = std::array<double, effect_multiples.size()>;
  Ratios log_ratios(const Trials& seen, double scrapes, const KnownShare& stable, double cap) const;

  CountSettings settings_;
  OnsetMixture<effect_multiples.size()> worse_;
  Ratios preview_{}, shared_preview_{}, shared_sums_{};
  Time began_{};
  double log_pass_ = 0;
};

}  // namespace charon::detection
