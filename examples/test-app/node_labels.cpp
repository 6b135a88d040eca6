#include "examples/test-app/node_labels.hpp"

#include "lib/kube/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>
#include <exception>

namespace charon::test_app {
namespace {

boost::asio::awaitable<void> ask(std::shared_ptr<kube::Client> client, std::string node, Result<boost::json::object>& answer) {
  HttpRequest request = kube::get(kube::nodes, "", node);
  answer = co_await client->call(std::move(request));
}

}  // namespace

std::map<std::string, std::string> labels_of(const boost::json::object& node) {
  std::map<std::string, std::string> labels;
  const auto* metadata = node.if_contains("metadata");
  const auto* found = metadata && metadata->is_object() ? metadata->get_object().if_contains("labels") : nullptr;
  if (!found || !found->is_object()) return labels;
  for (const auto& [name, value] : found->get_object())
    if (value.is_string()) labels.emplace(name, value.get_string());
  return labels;
}

Result<std::map<std::string, std::string>> read_node_labels(const Log& log) {
  const char* node = std::getenv("TEST_APP_NODE");
  if (!node || !*node) return fail(Errc::not_found, "TEST_APP_NODE is not set");
  auto config = kube::ClientConfig::in_cluster();
  if (!config) return config.error();
  boost::asio::io_context context(1);
  auto client = kube::Client::create(context.get_executor(), std::move(*config), log);
  if (!client) return client.error();
  Result<boost::json::object> answer = fail(Errc::timeout, "not asked");
  boost::asio::co_spawn(context, ask(*client, node, answer), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
  if (!answer) return answer.error();
  return labels_of(*answer);
}

}  // namespace charon::test_app
