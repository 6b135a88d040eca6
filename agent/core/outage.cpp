#include "agent/core/outage.hpp"

namespace charon::agent {
namespace {

constexpr Duration quiet = std::chrono::minutes{1}, reminder = std::chrono::hours{1};

}  // namespace

bool Outage::failed(std::string_view reason, Moment now, Duration patience) {
  if (!since_) since_ = now;
  if (now - *since_ < patience) return false;
  const bool news = !told_ || reason != reason_;
  if (told_at_ && now - *told_at_ < (news ? quiet : reminder)) return false;
  told_ = true;
  told_at_ = now;
  reason_ = reason;
  return true;
}

std::optional<Duration> Outage::ended(Moment now) {
  std::optional<Duration> lasted;
  if (told_) lasted = std::chrono::duration_cast<Duration>(now - *since_);
  since_.reset();
  told_ = false;
  return lasted;
}

}  // namespace charon::agent
