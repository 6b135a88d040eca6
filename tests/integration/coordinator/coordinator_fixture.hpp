#pragma once
/// A coordinator and an API server on loopback, one thread, and a client that speaks to the coordinator as agents,
/// people and registries do.
#include "coordinator/shell/coordinator_server.hpp"
#include "tests/integration/coordinator/fake_api_server.hpp"

#include <boost/asio/io_context.hpp>

namespace charon::test {

using Steps = boost::asio::awaitable<void>;

class CoordinatorFixture {
 public:
  CoordinatorFixture();
  ~CoordinatorFixture();

  /// Runs one test's steps, then everything down. Fails after 30 s.
  void run(Steps steps);

  boost::asio::awaitable<HttpResponse> call(std::string method, std::string target, std::string token, std::string body = {});
  /// Waits until `condition` holds; false after ten seconds.
  boost::asio::awaitable<bool> until(std::function<bool()> condition);
  boost::asio::awaitable<void> pause(Duration time);
  bool logged(std::string_view part) const;

  /// The Deployment ns/name with `tag` of repository "registry.example:5000/<name>" and its ReplicaSet and two pods, Ready, as the
  /// controllers would make them; pods of another tag go. The token "agent-of-<name>-<tag>-0" is bound to the first pod.
  void roll_out(const std::string& ns, const std::string& name, const std::string& tag);
  /// What the controllers do after the Deployment was patched: pods follow the template.
  void follow_template(const std::string& ns, const std::string& name);
  std::string image(const std::string& ns, const std::string& name) const;
  void add_namespace(const std::string& name);
  void add_person(const std::string& name, std::vector<std::string> permissions);

  boost::asio::io_context context{1};
  net::KeyPair root;
  FakeApiServer api;
  std::vector<std::string> log_lines;
  std::unique_ptr<coordinator::CoordinatorServer> server;
  std::unique_ptr<net::HttpClient> client;

  /// "sha256:" and a digest that goes with the tag.
  static std::string digest(const std::string& tag);

 private:
  boost::asio::awaitable<void> all(Steps steps);
  void put_replicas(const std::string& ns, const std::string& name, const boost::json::object& deployment);
};

}  // namespace charon::test
