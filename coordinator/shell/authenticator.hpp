#pragma once
/// Who a request comes from, and what they may do: asked of the API server, never decided here.
#include "coordinator/core/identity_review.hpp"
#include "coordinator/shell/shell_metrics.hpp"
#include "coordinator/shell/token_reviews.hpp"
#include "lib/kube/client.hpp"

namespace charon::coordinator {

/// The token of `Authorization: Bearer <token>` (RFC 6750); empty if there is none.
std::string bearer_token(const HttpRequest& request);

class Authenticator {
 public:
  Authenticator(std::shared_ptr<kube::Client> client, ShellMetrics& metrics);

  /// The pod that a token of the audience charon-coordinator is bound to. Errors: unauthorized, unavailable.
  boost::asio::awaitable<Result<AgentIdentity>> agent(std::string token);
  /// A person or program, known by a token for the API server, or by one made for Charon alone
  /// (`kubectl create token NAME --audience charon-coordinator`). Errors: unauthorized, unavailable.
  boost::asio::awaitable<Result<Person>> person(std::string token);
  /// Asks the API server's authorizer about each; not cached, so that a right taken away is away.
  /// Errors: forbidden (the first refusal), unavailable.
  boost::asio::awaitable<Result<void>> allowed(Person person, std::vector<Access> accesses);

  /// A pod is gone: its agent's token is good for nothing any more.
  void forget(const PodUid& pod);

 private:
  std::shared_ptr<kube::Client> client_;
  std::shared_ptr<TokenReviews<AgentIdentity>> agents_;
  std::shared_ptr<TokenReviews<Person>> people_;
};

}  // namespace charon::coordinator
