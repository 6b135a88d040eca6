#pragma once
/// What stable pods that run now show of the share of bad requests: increments of their counts in, estimates out.
///
/// The share is a Gamma variable whose prior is the history's and whose data fade (each block of control counts 0.9 of the next;
/// a block is what all pods reported, a part of it what some of them did), since load, time of day and shared outages move it.
/// Counts are over-dispersed, so a block that has m bad requests a scrape counts 1/(1 + m cv^2) (quasi-likelihood: P. McCullagh,
/// J. Nelder, Generalized Linear Models, 1989, 6.2).
///
/// To excuse a candidate the largest of three estimates holds, so that trouble that all pods share is seen as soon as the
/// control shows it, at any traffic, while a quiet minute of a control with few requests does not make a single bad request
/// of the candidate's a crime: the fading counts with a prior worth two scrapes; the same with a prior worth at least one
/// bad request; and the last block almost alone. None is less than the history's share, but where the control surely shows
/// less: what a few requests show too little of by chance, a busy pod's scrapes would be held to one after the other.
#include "lib/detection/count_evidence.hpp"

#include <cstdint>

namespace charon::agent {

class ControlShare {
 public:
  /// `history` over `scrapes` scrapes: the prior. `dispersion`: cv of a scrape's share.
  void expect(const detection::Trials& history, double scrapes, double dispersion);
  /// Control from `scrapes` scrapes of all `pods` together: a block, or a part of it where some have not reported.
  void add(const detection::Trials& block, double scrapes, std::uint32_t pods);
  void restart();

  /// Requests that still count.
  double served() const { return faded_.total; }
  detection::KnownShare most() const;
  detection::KnownShare likely() const;
  /// What it is surely at most, but for 3 in 100,000 of the times one looks: what many candidates together are held against,
  /// since they show their own share so well that what is uncertain of this one is all that is.
  double bound() const;

 private:
  detection::KnownShare posterior(double prior_bad) const;

  double share_ = 0, two_scrapes_ = 0, variance_ = 0;  // of the history; its bad requests of two scrapes, weighted; cv^2
  detection::Trials faded_, last_;                     // weighted
};

}  // namespace charon::agent
