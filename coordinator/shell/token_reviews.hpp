#pragma once
/// Identities of tokens, asked of the API server once: answers are cached, callers with the same token wait for one
/// review, reviews at a time are bounded, and made-up tokens are limited (identity_budget.hpp).
#include "coordinator/core/identity_budget.hpp"
#include "coordinator/core/identity_cache.hpp"
#include "coordinator/shell/token_hash.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <unordered_map>

namespace charon::coordinator {

inline constexpr std::size_t max_token_bytes = 16 * 1024;
inline constexpr std::size_t max_reviews_at_once = 256;

template <class Identity>
class TokenReviews : public std::enable_shared_from_this<TokenReviews<Identity>> {
 public:
  using Ask = std::function<boost::asio::awaitable<Result<Identity>>(std::string token)>;

  TokenReviews(boost::asio::any_io_executor executor, typename IdentityCache<Identity>::Bounds bounds, Ask ask)
      : executor_(std::move(executor)), cache_(bounds), ask_(std::move(ask)) {}

  /// Errors: unauthorized; unavailable (the API server is away, or too many tokens at once).
  boost::asio::awaitable<Result<Identity>> identify(std::string token) {
    if (token.empty() || token.size() > max_token_bytes) co_return fail(Errc::unauthorized, "a bearer token is needed");
    const std::string key = token_hash(token);
    if (auto known = cache_.find(key, wall_now())) co_return std::move(*known);

    std::shared_ptr<Review> review;
    if (const auto found = running_.find(key); found != running_.end()) {
      review = found->second;
    } else {
      if (running_.size() >= max_reviews_at_once) co_return fail(Errc::unavailable, "too many token reviews at once");
      if (!budget_.open(wall_now())) co_return fail(Errc::unavailable, "too many unknown tokens");
      review = std::make_shared<Review>(executor_);
      running_[key] = review;
      // On its own, so that a caller who hangs up takes nobody's answer along.
      boost::asio::co_spawn(executor_, run(this->shared_from_this(), review, key, std::move(token)), boost::asio::detached);
    }
    boost::system::error_code cancelled;
    if (!review->answer) co_await review->done.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    if (!review->answer) co_return fail(Errc::shutting_down, "token review");
    co_return *review->answer;
  }

  template <class Gone>
  void drop_if(Gone gone) {
    cache_.drop_if(gone);
  }
  std::size_t cached() const { return cache_.size(); }

 private:
  struct Review {
    explicit Review(boost::asio::any_io_executor executor) : done(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer done;  // cancelled when the answer is there
    std::optional<Result<Identity>> answer;
  };

  static boost::asio::awaitable<void> run(std::shared_ptr<TokenReviews> self, std::shared_ptr<Review> review, std::string key, std::string token) {
    Result<Identity> answer = co_await self->ask_(std::move(token));
    const Time now = wall_now();
    self->cache_.put(key, answer, now);
    if (answer.has_error() && answer.error().is(Errc::unauthorized)) self->budget_.refused(now);
    review->answer = std::move(answer);
    self->running_.erase(key);
    review->done.cancel();
  }

  boost::asio::any_io_executor executor_;
  IdentityCache<Identity> cache_;
  IdentityBudget budget_{100, 10};
  Ask ask_;
  std::unordered_map<std::string, std::shared_ptr<Review>> running_;
};

}  // namespace charon::coordinator
