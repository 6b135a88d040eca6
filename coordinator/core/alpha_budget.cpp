#include "coordinator/core/alpha_budget.hpp"

#include <fmt/format.h>

namespace charon::coordinator {

std::string AlphaBudget::agent(const PodUid& pod, const BootId& boot) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const std::string* part : {&pod.value, &boot.value})
    for (const char c : *part + "/") hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return fmt::format("{:016x}", hash);
}

double AlphaBudget::known(const PodUid& pod, const BootId& boot) const {
  const auto found = shares.find(agent(pod, boot));
  return found == shares.end() ? 0 : share(found->second);
}

std::optional<double> AlphaBudget::take(const PodUid& pod, const BootId& boot, std::uint32_t acknowledged) {
  const std::string key = agent(pod, boot);
  if (const auto found = shares.find(key); found != shares.end()) return share(found->second);
  if (next >= acknowledged) return std::nullopt;
  if (shares.size() >= max_shares) {
    const auto oldest = std::min_element(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    shares.erase(oldest);
  }
  shares[key] = next;
  return share(next++);
}

}  // namespace charon::coordinator
