#pragma once
/// Evidence that a level stands off, or grows, on all pods of a release from their start, where none of them may show it
/// alone: twice the processor time on every node is far from health, and on a single one what a pod may differ by.
///
/// Model. As in shift_evidence.hpp each pod shows y = B + D h + noise, here with one D for all and B = C + b: b ~ N(0, X v) of
/// each pod, C ~ N(0, X v / 4) of all of them. C is what new pods have in common without being worse - they are younger, a
/// balancer prefers them - and is what keeps a thousand pods from condemning a release for it: together they are never surer
/// than of half a pod's standard deviation. X is common too, the variance being one estimate. With k = G / (1 + X v G) and
/// a(D) = (S - D Gh) / (1 + X v G) of a pod, K and A(D) their sums and c = X v / 4, the log marginal likelihood of D at one X
/// is, but for what no D changes,
///   sum [D Sh - D^2 Ghh / 2 + (S - D Gh)^2 / (2 P) - log(1 + X v G) / 2] + A^2 / (2 (K + 1/c)) - log(1 + c K) / 2.
/// The ratio of two such mixtures over X is an e-process in the joint filtration of pods whose control differs: of pods on
/// one node, whose control is the same, only one may be among them.
/// Source: random effects integrated out, D. Harville, JASA 72, 1977; else as shift_evidence.hpp.
#include "lib/detection/shift_evidence.hpp"

namespace charon::detection {

struct PodShift {
  ShiftSums sums;
  double variance = 0;  ///< v, > 0
};

/// log of the mean over `sizes` of the likelihood ratio of D = size to D = tolerance; 0 without pods. `degrees`: of freedom of v.
double log_pooled_shift(std::span<const PodShift> pods, double degrees, double tolerance, std::span<const double> sizes);

}  // namespace charon::detection
