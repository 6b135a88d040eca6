#pragma once
/// Trouble that repeats is told once and not each time: as it begins, when its reason becomes another, and as a reminder
/// each hour, so that a log of the last hour shows what is still wrong. At most one line of it a minute: what comes and
/// goes must not fill the log.
#include "lib/base/clock.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace charon::agent {

class Outage {
 public:
  using Moment = std::chrono::steady_clock::time_point;  ///< of a clock that nobody sets

  /// Something failed. True: tell it now. Not before it has failed for `patience`.
  bool failed(std::string_view reason, Moment now, Duration patience = {});
  /// It works. How long it did not, where that was told; else nothing.
  std::optional<Duration> ended(Moment now);

 private:
  std::optional<Moment> since_, told_at_;
  bool told_ = false;  ///< the present trouble
  std::string reason_;  ///< told last
};

}  // namespace charon::agent
