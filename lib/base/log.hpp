#pragma once
/// One line an event, readable and parseable:
///   2026-11-23T12:00:00.123Z WARN  ANOMALY! Metric: http_errors; Probability: 0.9994; baseline 0.1%, now 7.8%
/// The message is the whole event; each part has one function per event (its events.hpp) that builds it, so a test
/// asserts on lines without a network. Control characters are escaped: nobody's input can forge a line.
#include "lib/base/clock.hpp"

#include <functional>
#include <string_view>

namespace charon {

enum class Level { debug, info, warn, error };

class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;

  /// Writes whole lines to standard error.
  Log();
  /// For tests: lines (without the newline) go to `sink`; `clock` gives the time.
  Log(Sink sink, std::function<Time()> clock);

  void threshold(Level level) { threshold_ = level; }
  void write(Level level, std::string_view message) const;
  void debug(std::string_view message) const { write(Level::debug, message); }
  void info(std::string_view message) const { write(Level::info, message); }
  void warn(std::string_view message) const { write(Level::warn, message); }
  void error(std::string_view message) const { write(Level::error, message); }

 private:
  Sink sink_;
  std::function<Time()> clock_;
  Level threshold_ = Level::info;
};

}  // namespace charon
