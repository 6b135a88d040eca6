#pragma once
/// Evidence that a level moved, or began to grow, on all pods of a release at one time, where none of them may show it alone.
///
/// Model. A pod's difference to its control is y = B + D h + noise, with one D for all pods since their common onset: h = 1 (a
/// level) or the hours since the onset (growth). B is what the pod's own last five minutes show, never surer than `wander`, as
/// in shift_evidence.hpp: further back a start that went otherwise than others would look like growth on all pods. With the sums G = sum g, Gh = sum g h, Ghh = sum g h^2, S = sum g y, Sh = sum g h y, the past counted
/// as an observation at h = 0, a pod's log likelihood of D is a D - c D^2 / 2 with a = Sh - S Gh / G and c = Ghh - Gh^2 / G.
/// Over pods these add up, whose controls must differ. What new pods may do alike without being worse, C ~ N(0, u^2) beside
/// D, is integrated out: it divides both sums by 1 + u^2 c. u is what the start may have put into all pods' past alike, for
/// growth by the time since; for a level also half of what B is uncertain by.
///
/// The ratio of D = size to D = tolerance is mixed over sizes and onsets; those lie on a grid of half a minute over the first
/// half hour, evenly weighted, and what has not begun is held as cash. A pod whose control changes, or which is young again,
/// has no part in onsets before that. Reports come one after the other: what is pooled is what each pod had shown at the
/// round, and an onset is one round of reports late for some of them, which costs power alone.
/// Source: as shift_evidence.hpp and pooled_shift.hpp.
#include "lib/base/clock.hpp"
#include "lib/detection/pooled_shift.hpp"

#include <deque>
#include <optional>
#include <vector>

namespace charon::detection {

class PooledOnsets {
 public:
  static constexpr Duration grid = std::chrono::seconds{30}, horizon = std::chrono::minutes{30};
  static constexpr std::size_t past_grid = 10;  ///< steps of the grid that a pod's past goes back
  static constexpr std::size_t most_pods = 16;  ///< what is kept grows with their number

  /// What has been seen of all pods up to `now`, each at the same place every time; beyond most_pods they have no part.
  /// Precision 0: nothing of this one. `tolerance`, `matters`: of D, for growth per hour.
  void round(std::span<const PodShift> pods, Shape shape, double tolerance, double matters, Time now);
  /// log of the mixture; 0 before any data.
  double log_evidence() const { return log_evidence_; }

 private:
  struct Sums { double g = 0, gh = 0, ghh = 0, s = 0, sh = 0, uncertain = 0, in_common = 0; };
  struct Part {
    Time start{};
    std::vector<Sums> pods;
  };
  void add(std::span<const PodShift> pods, Shape shape, Time now);
  void judge(Shape shape, double tolerance, double matters, Time now);
  void open(Time now);

  std::vector<PodShift> last_;
  std::deque<std::vector<PodShift>> past_;  ///< last_ at the times of the grid, the oldest first
  std::vector<Part> parts_;
  std::optional<Time> first_;
  Time opened_{};
  double cash_ = 1, log_evidence_ = 0;
};

}  // namespace charon::detection
