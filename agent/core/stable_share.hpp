#pragma once
/// What a finite history says of the stable release's bad share: bounds that hold at every look at once, so that the
/// baseline may grow while it is used (the method of mixtures: H. Robbins, Ann. Math. Statist. 41, 1970; with a
/// Beta(1/2, 1/2) mixture of binomial likelihoods). A share q is left out once the mixture beats it by 1/error, which
/// for the true q happens with a probability of at most `error` ever (Ville's inequality).
#include "lib/detection/count_evidence.hpp"

namespace charon::agent {

struct ShareBounds {
  double low = 0;
  double high = 1;
};

/// `stable` is in effective counts (over-dispersed ones weigh less); each bound fails with a probability of at most `error`,
/// within (0, 1).
ShareBounds stable_share(detection::Trials stable, double error);

}  // namespace charon::agent
