#pragma once
/// Evidence that grows from scrape to scrape: a mixture of e-processes that start at different times.
///
/// An e-process from the start of the pod forgets nothing: an hour of health has to be paid back before a late fault
/// shows. So wealth is spread over starts: half on the first scrape, a quarter evenly on the next 30 grid points (one
/// each 12 scrapes), a quarter on all later ones by 1/(i (i+1)). The weights sum to 1 and what has not started yet is
/// held as cash, so the mixture is an e-process (each part is a supermartingale from its start on, of expectation <= 1).
/// At most 32 parts are kept; beyond that the poorest late one is given up, which can only lower the sum.
///
/// Every factor is bounded both ways before it multiplies a part: S becomes min(1 - b + b S, e^cap) with b = 0.8. Betting
/// only a share b keeps E[S] <= 1 and loses at most a factor 5 in one scrape; the cap keeps one scrape from deciding.
#include "agent/core/two_sample.hpp"
#include "lib/base/clock.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace charon::agent {

inline constexpr double bet_share = 0.8;

/// log of the bounded factor.
double bounded_log_factor(double log_factor, double cap);

class EProcess {
 public:
  static constexpr std::size_t max_parts = 32;
  static constexpr std::uint64_t grid = 12;  ///< scrapes between starts

  struct Part {
    double weight = 0;
    double log_wealth = 0;
    Trials learnt;          ///< effective counts since the start, before the current block: what the alternative is fitted to
    double lowest = 0;      ///< of log_wealth since the start
    Time lowest_at{};       ///< when it last stood there
  };

  /// Begins anew.
  void restart(Time now);
  /// One scrape went by (with traffic or not): starts a part where the grid says so. `now`: the scrape before any data
  /// that this part will see.
  void tick(Time now);
  /// Multiplies each part by its own factor: `log_factor(part)` is called before `seen` is added to what it has learnt.
  template <class LogFactor>
  void multiply(Trials seen, double cap, Time now, LogFactor log_factor) {
    for (Part& part : std::span(parts_).first(size_)) {
      part.log_wealth += bounded_log_factor(log_factor(part), cap);
      part.learnt.total += seen.total;
      part.learnt.bad += seen.bad;
      if (part.log_wealth <= part.lowest) {
        part.lowest = part.log_wealth;
        part.lowest_at = now;
      }
    }
  }

  /// log of the mixture.
  double log_evidence() const;
  /// Where the rise of the part that contributes most began: when it last stood at its lowest.
  Time rising_since() const;

 private:
  void start_part(double weight, Time now);

  std::array<Part, max_parts> parts_{};
  std::size_t size_ = 0;
  std::uint64_t age_ = 0;     ///< scrapes
  std::uint64_t starts_ = 0;  ///< late parts ever started
  double cash_ = 1;
};

}  // namespace charon::agent
