#pragma once
/// The API server over the network: requests of request.hpp, sent with credentials, deadline and retries.
#include "lib/base/log.hpp"
#include "lib/kube/request.hpp"
#include "lib/net/http_client.hpp"

namespace charon::kube {

struct ClientConfig {
  std::string host, port;
  std::string ca_pem;
  std::string token_file;       ///< read again when it is older than a minute (projected tokens rotate)
  std::string token;            ///< used where token_file is empty
  Duration deadline{15'000};    ///< of one try
  unsigned retries = 3;         ///< of unavailable and 429 (Retry-After honoured up to the deadline), with backoff and jitter

  /// KUBERNETES_SERVICE_HOST/PORT, and ca.crt and token of the pod's service account. Errors: not_found.
  static Result<ClientConfig> in_cluster(const std::string& directory = "/var/run/secrets/kubernetes.io/serviceaccount");
};

class Client {
 public:
  /// `tls` null: plain HTTP (tests, kubectl proxy).
  Client(boost::asio::any_io_executor executor, ClientConfig config, std::shared_ptr<net::TlsClient> tls, Log log);
  ~Client();
  /// HTTPS, trusting ca_pem (empty: the system's roots). Errors: invalid_input.
  static Result<std::shared_ptr<Client>> create(boost::asio::any_io_executor executor, ClientConfig config, Log log);

  boost::asio::any_io_executor executor() const;
  /// The object, or the Status as an Error (read_response), or net::HttpClient's errors. What is tried again: retry.hpp.
  boost::asio::awaitable<Result<boost::json::object>> call(HttpRequest request);
  /// One try of a watch, for watch_forever.
  boost::asio::awaitable<Result<HttpResponse>> stream(HttpRequest request, Duration idle, std::function<void(std::string_view)> on_line);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace charon::kube
