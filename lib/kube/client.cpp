#include "lib/kube/client.hpp"

#include "lib/kube/log_events.hpp"
#include "lib/kube/retry.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>
#include <fstream>
#include <optional>

namespace charon::kube {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr auto token_age = std::chrono::seconds(60);
constexpr std::size_t max_file_bytes = 1 << 20;

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(max_file_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  return text;
}

std::string outcome_text(const Result<HttpResponse>& outcome) {
  return outcome ? "status " + std::to_string(outcome->status) : outcome.error().message();
}

net::HttpClientConfig http_config(const ClientConfig& config, std::shared_ptr<net::TlsClient> tls) {
  net::HttpClientConfig http;
  http.host = config.host;
  http.port = config.port;
  http.tls = std::move(tls);
  return http;
}

}  // namespace

struct Client::Impl {
  Impl(asio::any_io_executor e, ClientConfig c, std::shared_ptr<net::TlsClient> tls, Log l)
      : executor(std::move(e)), config(std::move(c)), http(executor, http_config(config, std::move(tls))), log(std::move(l)), random(std::random_device{}()) {}

  asio::any_io_executor executor;
  ClientConfig config;
  net::HttpClient http;
  Log log;
  std::mt19937_64 random;
  std::string token;
  std::optional<Steady::time_point> token_read;

  const std::string& current_token();
  HttpRequest with_credentials(HttpRequest request);
  /// After 401: true if the file holds another token by now.
  bool token_changed();

  static asio::awaitable<Result<boost::json::object>> call(std::shared_ptr<Impl> self, HttpRequest request);
  static asio::awaitable<Result<HttpResponse>> stream(std::shared_ptr<Impl> self, HttpRequest request, Duration idle,
                                                      std::function<void(std::string_view)> on_line);
};

const std::string& Client::Impl::current_token() {
  if (config.token_file.empty()) return config.token;
  const auto now = Steady::now();
  if (token_read && now - *token_read < token_age) return token;
  token_read = now;  // a file that cannot be read is tried again a minute later, not with every request
  if (auto text = read_file(config.token_file)) token = trimmed(std::move(*text));
  else log_events::token_unreadable(log, config.token_file);
  return token;
}

bool Client::Impl::token_changed() {
  if (config.token_file.empty()) return false;
  const std::string before = token;
  token_read.reset();
  return current_token() != before;
}

HttpRequest Client::Impl::with_credentials(HttpRequest request) {
  request.headers.emplace_back("User-Agent", "charon/" CHARON_VERSION);
  if (const std::string& bearer = current_token(); !bearer.empty()) request.headers.emplace_back("Authorization", "Bearer " + bearer);
  return request;
}

asio::awaitable<Result<boost::json::object>> Client::Impl::call(std::shared_ptr<Impl> self, HttpRequest request) {
  Retries retries(RetryPolicy{self->config.retries, self->config.deadline});
  bool fresh_token = false;
  for (;;) {
    HttpRequest sent = self->with_credentials(request);
    Result<HttpResponse> outcome = co_await self->http.request(std::move(sent), self->config.deadline);
    if (outcome && outcome->status == 401 && !std::exchange(fresh_token, true) && self->token_changed()) continue;
    const auto wait = retries.next(request, outcome, self->random);
    if (!wait) {
      if (!outcome) co_return outcome.error();
      co_return read_response(*outcome);
    }
    const std::string path = request.target.substr(0, request.target.find('?'));
    log_events::tries_again(self->log, request.method, path, outcome_text(outcome), *wait);
    asio::steady_timer timer(self->executor, *wait);
    const auto [ec] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (ec) co_return fail(Errc::shutting_down, request.method + " " + path);
  }
}

asio::awaitable<Result<HttpResponse>> Client::Impl::stream(std::shared_ptr<Impl> self, HttpRequest request, Duration idle,
                                                           std::function<void(std::string_view)> on_line) {
  HttpRequest sent = self->with_credentials(std::move(request));
  Result<HttpResponse> outcome = co_await self->http.lines(std::move(sent), idle, std::move(on_line));
  if (outcome && outcome->status == 401) self->token_read.reset();
  co_return outcome;
}

Client::Client(asio::any_io_executor executor, ClientConfig config, std::shared_ptr<net::TlsClient> tls, Log log)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(config), std::move(tls), std::move(log))) {}

Client::~Client() = default;

Result<std::shared_ptr<Client>> Client::create(asio::any_io_executor executor, ClientConfig config, Log log) {
  auto tls = net::TlsClient::create(config.ca_pem);
  if (!tls) return tls.error();
  return std::make_shared<Client>(std::move(executor), std::move(config), std::move(*tls), std::move(log));
}

asio::any_io_executor Client::executor() const { return impl_->executor; }

asio::awaitable<Result<boost::json::object>> Client::call(HttpRequest request) { return Impl::call(impl_, std::move(request)); }

asio::awaitable<Result<HttpResponse>> Client::stream(HttpRequest request, Duration idle, std::function<void(std::string_view)> on_line) {
  return Impl::stream(impl_, std::move(request), idle, std::move(on_line));
}

Result<ClientConfig> ClientConfig::in_cluster(const std::string& directory) {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (!host || !*host || !port || !*port) return fail(Errc::not_found, "KUBERNETES_SERVICE_HOST and _PORT: is this a pod?");
  auto ca = read_file(directory + "/ca.crt");
  if (!ca) return fail(Errc::not_found, directory + "/ca.crt");
  ClientConfig config;
  config.host = host;
  config.port = port;
  config.ca_pem = std::move(*ca);
  config.token_file = directory + "/token";
  if (!read_file(config.token_file)) return fail(Errc::not_found, config.token_file);
  return config;
}

}  // namespace charon::kube
