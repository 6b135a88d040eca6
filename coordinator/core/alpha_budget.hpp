#pragma once
/// One release has one probability of a false rollback, alpha, whatever the number of its pods. Every agent that ever
/// judges the release gets a share, and the pods together (pooled_evidence.hpp) have one: the release fails once the
/// evidence of all, each weighted with its share, reaches 1. By Markov's inequality the shares' sum bounds the release's
/// error probability, however the e-values depend on each other; an agent alone needs its share's inverse. What the pods show
/// together begins anew with a new coordinator, another policy, or when a pod in trouble leaves: each such time is a new look
/// (of levels that stand off from the start the same one goes on: agents report all that they saw).
///
/// Shares are a fixed sequence, each handed out once: half of alpha goes in equal parts to as many agents as the workload
/// has replicas when the release appears, 40% to the pods together; the k-th agent later (restarts, surges, scale-ups) gets
/// alpha/10 / (k(k+1)), which sums to alpha/10 over all k. The threshold in log evidence thus grows like 2 log k only.
///
/// An agent that says hello again with the same boot id keeps its share: it is the same test continued. Write-ahead:
/// indices are handed out only below `reserved` as acknowledged in the ledger; after a restart counting goes on from
/// there, so an index that was handed out and not yet written is never handed out twice.
#include "lib/base/ids.hpp"
#include "lib/base/json_fields.hpp"

#include <algorithm>

namespace charon::coordinator {

struct AlphaBudget {
  double alpha = 0.001;
  std::uint32_t expected = 1;  ///< replicas when the release appeared, at least 1
  std::uint32_t next = 0;      ///< index of the next share
  std::uint32_t reserved = 0;  ///< in the ledger: indices below may have been handed out
  std::map<std::string, std::uint32_t> shares;  ///< agent (hash of pod uid and boot id) -> index

  static constexpr double part_of_expected = 0.5, part_together = 0.4, part_of_later = 0.1;
  static constexpr std::uint32_t lookahead = 4;
  static constexpr std::size_t max_shares = 256;  ///< remembered; an agent forgotten gets a new one

  double share(std::uint32_t index) const {
    if (index < expected) return alpha * part_of_expected / expected;
    const double k = static_cast<double>(index - expected) + 1;
    return alpha * part_of_later / (k * (k + 1));
  }
  double share_together() const { return alpha * part_together; }
  /// What was handed out so far, the pods' together included.
  double spent() const {
    const double first = share_together() + alpha * part_of_expected * std::min(next, expected) / expected;
    if (next <= expected) return first;
    const double k = static_cast<double>(next - expected);
    return first + alpha * part_of_later * (1 - 1 / (k + 1));
  }
  static std::string agent(const PodUid& pod, const BootId& boot);
  /// The agent's share if it has one; 0 otherwise.
  double known(const PodUid& pod, const BootId& boot) const;
  /// The agent's share, a new one if need be; nothing where `acknowledged` (the reservation that the ledger holds) is used
  /// up: write the ledger first.
  std::optional<double> take(const PodUid& pod, const BootId& boot, std::uint32_t acknowledged);
  /// Before the ledger is written.
  void reserve() { reserved = std::max(reserved, std::max(next, expected) + lookahead); }
  bool wants_reservation() const { return reserved < next + lookahead / 2; }
  /// After it was read by a new coordinator.
  void recovered() { next = std::max(next, reserved); }
};
template <class V, Same<AlphaBudget> S>
void fields(V& v, S& s) {
  v("alpha", s.alpha);
  v("expected", s.expected);
  v("next", s.next);
  v("reserved", s.reserved);
  v("shares", s.shares);
}

}  // namespace charon::coordinator
