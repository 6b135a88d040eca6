#pragma once
/// Evidence that a level moved, or began to grow, on all pods of a release at one time, where none of them may show it alone.
///
/// Model. A pod's difference to its control is y = B + D h + noise, with one D for all pods since their common onset: h = 1 (a
/// level) or the hours since the onset (growth). B is what the pod's own last five minutes show (of what was seen here), never
/// surer than `wander`, as in shift_evidence.hpp: further back a start that went otherwise than others would look like growth on
/// all pods. With the sums G = sum g, Gh = sum g h, Ghh = sum g h^2, S = sum g y, Sh = sum g h y, the past counted as an
/// observation at h = 0, a pod's log likelihood of D is a D - c D^2 / 2 with a = Sh - S Gh / G and c = Ghh - Gh^2 / G. What may
/// grow as much as is tolerated did so in the minutes of its past too: that much, from their middle to the onset, is taken off
/// every y.
///
/// Over pods, whose controls must differ, a and c add up. A pod's own slope is uncertain by 2 wander / T^2, T from the onset to
/// what it showed last, as minutes wander; what new pods may do alike without being worse, C ~ N(0, u^2) beside D, divides both
/// sums by 1 + u^2 c. u is by how much a start of another strength moves the mean since the onset against that of the past, for
/// growth over half of T; for a level also half of what B is uncertain by.
///
/// The ratio of D = size to D = tolerance is mixed over sizes and onsets; those lie on a grid of half a minute over the first
/// half hour, weighted by the time since the one before, and what has not begun is held as cash. A pod that is compared with
/// others, or begins anew, adds no more to onsets before that; what it showed stands. Reports come one after the other: what is
/// pooled is what each pod had shown at the round, and an onset is one round of reports late for some of them, which costs power
/// alone. The evidence rises only in a round that brings more.
/// Sources: as shift_evidence.hpp and pooled_shift.hpp; mixed onsets as in E-detectors (J. Shin, A. Ramdas, A. Rinaldo, arXiv
/// 2203.03532), but for weights that sum to 1: an error probability for ever is bounded, not an average run length.
#include "lib/base/clock.hpp"
#include "lib/detection/pooled_shift.hpp"

#include <deque>
#include <optional>
#include <vector>

namespace charon::detection {

class PooledOnsets {
 public:
  static constexpr Duration grid = std::chrono::seconds{30}, horizon = std::chrono::minutes{30}, past = std::chrono::minutes{5};
  static constexpr std::size_t most_pods = 16;  ///< what is kept grows with their number

  /// What has been seen of all pods up to `now`, each at the same place every time; beyond most_pods they have no part.
  /// Precision 0: nothing of this one. `tolerance`, `matters`: of D, for growth per hour.
  void round(std::span<const PodShift> pods, Shape shape, double tolerance, double matters, Time now);
  /// log of the mixture; 0 before any data.
  double log_evidence() const { return log_evidence_; }

 private:
  struct Seen {
    PodShift shift, first;  ///< so far; when it began
    Time since{};
  };
  struct Sums {
    double g = 0, gh = 0, ghh = 0, s = 0, sh = 0;
    double uncertain = 0, tolerated = 0;  ///< variance of B; how much tolerated growth lies between its middle and the onset
    double wander = 0;
    double seen = 0, seen_start = 0;      ///< up to the onset: precision, and that times what a start moved the mean by
    double past_start = 0, start = 0;     ///< by how much a start of another strength moved the mean of the past, and since
    Time until{};                         ///< what was added last
    bool over = false;                    ///< nothing is added any more
  };
  struct Part {
    Time start{};
    double weight = 0;
    std::vector<Sums> pods;
  };
  struct Past {
    Time at{};
    std::vector<Seen> seen;
  };
  /// Whether any pod showed more.
  bool add(std::span<const PodShift> pods, Shape shape, Time now);
  double judge(Shape shape, double tolerance, double matters, Time now);
  void open(Shape shape, double tolerance, Time now);

  std::vector<Seen> last_;
  std::deque<Past> past_;  ///< at the times of the grid, the oldest first
  std::vector<Part> parts_;
  std::optional<Time> first_;
  Time opened_{};
  double cash_ = 1, log_evidence_ = 0;
};

}  // namespace charon::detection
