#pragma once
/// An API server as far as the coordinator can tell: TLS on loopback, collections with list and watch, merge patches with
/// conflicts, status subresources, TokenReview and SubjectAccessReview, answered as Kubernetes documents them.
#include "lib/net/certificates.hpp"
#include "lib/net/http_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/json.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace charon::test {

class FakeApiServer {
 public:
  FakeApiServer(boost::asio::any_io_executor executor, const net::KeyPair& root);

  unsigned short port() const { return server_->port(); }
  boost::asio::awaitable<void> serve() { return server_->serve(); }
  boost::asio::awaitable<void> stop() { return server_->stop(Duration{500}); }

  /// Creates or replaces; gives it a resourceVersion. Watches see it.
  void put(const std::string& plural, boost::json::object object);
  void remove(const std::string& plural, const std::string& ns, const std::string& name);
  const boost::json::object* find(const std::string& plural, const std::string& ns, const std::string& name) const;
  std::vector<boost::json::object> all(const std::string& plural) const;

  /// A token and the status.user it stands for. `audience` empty: the API server's.
  struct Token {
    boost::json::object user;
    std::string audience;
  };
  std::map<std::string, Token> tokens;
  /// "jane create releaseledgers/rollback shop", "jane patch deployments shop": all else is denied.
  std::set<std::string> permissions;
  int conflicts = 0;      ///< so many PATCHes are answered 409 from now on
  int token_reviews = 0;  ///< asked
  int access_reviews = 0;
  std::vector<std::string> patches;  ///< bodies of PATCHes that were done
  std::vector<std::string> writes;   ///< "POST releaseledgers", "PUT releaseledgers/status", "PATCH deployments", ...

 private:
  struct Path {
    std::string plural, ns, name, subresource;
  };
  boost::asio::awaitable<HttpResponse> handle(HttpRequest request);
  boost::asio::awaitable<HttpResponse> watch(Path path, std::map<std::string, std::string> query);
  HttpResponse list(const Path& path, const std::map<std::string, std::string>& query) const;
  HttpResponse create(const Path& path, boost::json::object object);
  HttpResponse replace(const Path& path, boost::json::object object);
  HttpResponse merge(const Path& path, const HttpRequest& request);
  HttpResponse review_token(boost::json::object review);
  HttpResponse review_access(boost::json::object review);
  static Path parse(std::string_view path);

  struct Event {
    std::uint64_t version;
    std::string plural, ns, name, type;
    boost::json::object object;
  };
  using Key = std::pair<std::string, std::string>;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<net::HttpServer> server_;
  std::map<std::string, std::map<Key, boost::json::object>> collections_;
  std::vector<Event> history_;
  std::uint64_t version_ = 100;
};

/// Reads "metadata.name" and the like; empty if absent.
std::string text_at(const boost::json::object& object, std::string_view pointer);

}  // namespace charon::test
