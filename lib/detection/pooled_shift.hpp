#pragma once
/// Evidence that a level stands off on all pods of a release from their start, where none of them may show it alone: twice
/// the processor time on every node is far from health, and on a single one what a pod may differ by.
///
/// Model. As in shift_evidence.hpp a pod's mean difference to its control is y = B + D + noise of precision g, here with one D
/// for all and B = C + b: b ~ N(0, X v) of each pod, C ~ N(0, X v / 4 + u^2) of all of them. C is what new pods have in common
/// without being worse - they are younger, a balancer prefers them - and is what keeps a thousand pods from condemning a
/// release for it: together they are never surer than of half a pod's standard deviation. u is by how much the start of this
/// release, no other being just like it, may have moved all pods' means; it fades as they get older. X is common too, the
/// variance being one estimate. With k = 1 / (1/g + X v) of a pod and c = X v / 4 + u^2 the log likelihood of D at one X is
///   sum [log(k) - k (y - D)^2] / 2 + [sum k (y - D)]^2 / (2 (sum k + 1/c)) - log(1 + c sum k) / 2.
/// The ratio of two such mixtures over X is an e-process in the joint filtration of pods whose controls differ: of pods on one
/// node, whose control is the same, only one may be among them.
/// Source: random effects integrated out, D. Harville, JASA 72, 1977; else as shift_evidence.hpp.
#include "lib/detection/shift_evidence.hpp"

namespace charon::detection {

struct PodShift {
  double mean = 0, precision = 0;  ///< of y; precision > 0
  double variance = 0;             ///< v, > 0
  double in_common = 0;            ///< u, to the side that it goes; of the pods' the largest counts
  double wander = 0;               ///< variance that the pod's own past leaves at least (pooled_onsets.hpp)
  bool anew = false;               ///< has nothing to do with what was shown before
};

inline constexpr double of_variance_in_common = 0.25;  ///< C's variance, of a pod's

/// log of the mean over `sizes` of the likelihood ratio of D = size to D = tolerance; 0 without pods. `degrees`: of freedom of v.
double log_pooled_shift(std::span<const PodShift> pods, double degrees, double tolerance, std::span<const double> sizes);

}  // namespace charon::detection
