#include "coordinator/shell/authenticator.hpp"

namespace charon::coordinator {
namespace {

namespace asio = boost::asio;

/// The API server's answer to a TokenReview. That the coordinator itself may not ask is its own trouble, not the caller's.
asio::awaitable<Result<boost::json::object>> reviewed(std::shared_ptr<kube::Client> client, ShellMetrics& metrics, boost::json::object review,
                                                      kube::Resource resource) {
  const boost::json::value body(std::move(review));
  HttpRequest request = kube::create(resource, "", body);
  auto answer = co_await client->call(std::move(request));
  if (answer) co_return answer;
  metrics.reviews("failed");
  co_return fail(Errc::unavailable, "the API server does not review: " + answer.error().message());
}

asio::awaitable<Result<AgentIdentity>> ask_agent(std::shared_ptr<kube::Client> client, ShellMetrics* metrics, std::string token) {
  boost::json::object question = token_review(token, agent_audience);
  auto review = co_await reviewed(client, *metrics, std::move(question), kube::token_reviews);
  if (!review) co_return review.error();
  auto agent = read_agent_review(*review);
  metrics->reviews(agent ? "agent" : "refused");
  co_return agent;
}

asio::awaitable<Result<Person>> ask_person(std::shared_ptr<kube::Client> client, ShellMetrics* metrics, std::string token) {
  for (const std::string_view audience : {std::string_view{}, agent_audience}) {
    boost::json::object question = token_review(token, audience);
    auto review = co_await reviewed(client, *metrics, std::move(question), kube::token_reviews);
    if (!review) co_return review.error();
    auto person = read_person_review(*review, audience);
    if (person) {
      metrics->reviews("person");
      co_return person;
    }
  }
  metrics->reviews("refused");
  co_return fail(Errc::unauthorized, "the API server does not know this token");
}

IdentityCache<Person>::Bounds people_bounds() {
  IdentityCache<Person>::Bounds bounds;
  bounds.entries = 1000;
  bounds.known = std::chrono::minutes{1};
  return bounds;
}

}  // namespace

std::string bearer_token(const HttpRequest& request) {
  const std::string_view header = find_header(request.headers, "Authorization");
  constexpr std::string_view scheme = "bearer ";
  if (header.size() <= scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = header[i] >= 'A' && header[i] <= 'Z' ? static_cast<char>(header[i] + 32) : header[i];
    if (c != scheme[i]) return {};
  }
  return std::string(header.substr(scheme.size()));
}

Authenticator::Authenticator(std::shared_ptr<kube::Client> client, ShellMetrics& metrics) : client_(std::move(client)) {
  const auto executor = client_->executor();
  agents_ = std::make_shared<TokenReviews<AgentIdentity>>(executor, IdentityCache<AgentIdentity>::Bounds{},
                                                          [client = client_, m = &metrics](std::string token) { return ask_agent(client, m, std::move(token)); });
  people_ = std::make_shared<TokenReviews<Person>>(executor, people_bounds(),
                                                   [client = client_, m = &metrics](std::string token) { return ask_person(client, m, std::move(token)); });
}

asio::awaitable<Result<AgentIdentity>> Authenticator::agent(std::string token) { return agents_->identify(std::move(token)); }
asio::awaitable<Result<Person>> Authenticator::person(std::string token) { return people_->identify(std::move(token)); }

asio::awaitable<Result<void>> Authenticator::allowed(Person person, std::vector<Access> accesses) {
  for (const Access& access : accesses) {
    const boost::json::value body(access_review(person, access));
    HttpRequest request = kube::create(kube::subject_access_reviews, "", body);
    auto review = co_await client_->call(std::move(request));
    if (!review) co_return fail(Errc::unavailable, "the API server does not review: " + review.error().message());
    auto allowed = read_access_review(*review, person, access);
    if (!allowed) co_return allowed;
  }
  co_return Result<void>{};
}

void Authenticator::forget(const PodUid& pod) {
  agents_->drop_if([&](const AgentIdentity& agent) { return agent.pod_uid == pod; });
}

}  // namespace charon::coordinator
