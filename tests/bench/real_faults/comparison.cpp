#include "tests/bench/real_faults/comparison.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <random>

namespace charon::bench {

double detection(const std::vector<const Scored*>& windows, std::size_t judge, const AllowedAlarms& allowed) {
  std::vector<double> controls, faults;
  for (const Scored* window : windows) (window->fault ? faults : controls).push_back(window->scores[judge]);
  if (faults.empty()) return 0;
  const std::size_t alarms = allowed.of(controls.size());
  double threshold = -std::numeric_limits<double>::infinity();
  if (alarms < controls.size()) {
    const auto next = controls.begin() + static_cast<std::ptrdiff_t>(alarms);
    std::nth_element(controls.begin(), next, controls.end(), std::greater<>());
    threshold = *next;
  }
  const auto found = std::count_if(faults.begin(), faults.end(), [&](double score) { return score > threshold; });
  return static_cast<double>(found) / static_cast<double>(faults.size());
}

Alarms alarms(const std::vector<const Scored*>& windows, std::size_t judge, double threshold) {
  Alarms found;
  double faults = 0, controls = 0;
  for (const Scored* window : windows) {
    const double alarm = window->scores[judge] >= threshold ? 1 : 0;
    (window->fault ? faults : controls) += 1;
    (window->fault ? found.faults : found.controls) += alarm;
  }
  found.faults /= std::max(faults, 1.0);
  found.controls /= std::max(controls, 1.0);
  return found;
}

Difference compare(const std::vector<Scored>& windows, std::size_t judge, std::size_t other, const AllowedAlarms& allowed,
                   std::uint64_t seed, int draws) {
  std::map<std::string, std::vector<const Scored*>> by_service;
  std::vector<const Scored*> all;
  for (const Scored& window : windows) {
    by_service[window.service].push_back(&window);
    all.push_back(&window);
  }
  const auto difference = [&](const std::vector<const Scored*>& drawn) {
    return detection(drawn, judge, allowed) - detection(drawn, other, allowed);
  };
  Difference result;
  result.observed = difference(all);
  if (by_service.empty()) return result;
  std::vector<const std::vector<const Scored*>*> services;
  for (const auto& [name, its] : by_service) services.push_back(&its);
  std::mt19937_64 engine(seed);
  std::vector<double> differences;
  std::vector<const Scored*> drawn;
  for (int i = 0; i < draws; ++i) {
    drawn.clear();
    for (std::size_t k = 0; k < services.size(); ++k) {
      const auto& its = *services[engine() % services.size()];
      drawn.insert(drawn.end(), its.begin(), its.end());
    }
    differences.push_back(difference(drawn));
  }
  std::sort(differences.begin(), differences.end());
  const auto at = [&](double q) { return differences[static_cast<std::size_t>(q * static_cast<double>(differences.size() - 1))]; };
  result.lower = at(0.025);
  result.upper = at(0.975);
  return result;
}

}  // namespace charon::bench
