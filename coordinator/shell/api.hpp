#pragma once
/// The coordinator's HTTP API (docs/coordinator-api.md): who asks, may they, what does the core say.
#include "coordinator/core/api_route.hpp"
#include "coordinator/core/coordinator.hpp"
#include "coordinator/shell/authenticator.hpp"
#include "coordinator/shell/cluster_feed.hpp"
#include "coordinator/shell/reconciler.hpp"
#include "lib/net/http_server.hpp"

namespace charon::coordinator {

/// What the API works with. All outlive it.
struct ApiParts {
  Coordinator& core;
  Authenticator& authenticator;
  const ClusterFeed& feed;
  Reconciler& reconciler;
  ShellMetrics& metrics;
  std::function<std::string()> trust_bundle;  ///< PEM roots that agents shall trust
  Log log;
};

/// What a person or program asks for, whichever call they used.
struct Command {
  ApiCall call{};
  WorkloadKey key;
  std::string image;  ///< rollout
  std::string to;     ///< rollback: release; rollout: tag
  bool dry_run = false;

  std::string_view action() const;        ///< as the ledger's subresource: "rollback"
  std::vector<Access> accesses() const;   ///< that it takes
};

class Api {
 public:
  explicit Api(ApiParts parts) : parts_(std::move(parts)) {}
  boost::asio::awaitable<HttpResponse> handle(HttpRequest request);

 private:
  using Answer = boost::asio::awaitable<HttpResponse>;
  Answer dispatch(ApiRoute route, HttpRequest request);

  // api_agents.cpp
  Answer agent_call(ApiRoute route, HttpRequest request);
  HttpResponse hello(const AgentIdentity& agent, const std::string& body);
  HttpResponse report(const AgentIdentity& agent, const std::string& body);

  // api_people.cpp
  Answer read_workloads(ApiRoute route, Person person);
  Answer act(ApiRoute route, Person person, HttpRequest request);
  Result<CommandReply> carry_out(const Command& command, const CommandOptions& options, Time now);

  // api_old_clients.cpp
  /// `command` with the workload and tag that an old client's body names. Errors: invalid_input, not_found, conflict (several).
  boost::asio::awaitable<Result<Command>> meant_by_old_client(Command command, Person person, std::string body);
  boost::asio::awaitable<Result<bool>> may(Person person, Access access);

  // api_registry.cpp
  HttpResponse registry_events(const HttpRequest& request);

  ApiParts parts_;
};

}  // namespace charon::coordinator
