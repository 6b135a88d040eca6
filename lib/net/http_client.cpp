#include "lib/net/http_client.hpp"

#include "lib/net/client_tls.hpp"
#include "lib/net/connect.hpp"
#include "lib/net/gzip.hpp"
#include "lib/net/line_splitter.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <array>

namespace charon::net {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using Clock = std::chrono::steady_clock;
using Request = http::request<http::string_body>;

constexpr std::uint32_t max_header_bytes = 64 * 1024;
constexpr int max_interim_responses = 8;        // 1xx before the response proper
constexpr auto max_idle = std::chrono::seconds(50);  // less than our own server's 60 s: seldom meets a closing one
constexpr auto connect_deadline = std::chrono::seconds(15);

bool idempotent(http::verb method) {
  switch (method) {
    case http::verb::get: case http::verb::head: case http::verb::options:
    case http::verb::put: case http::verb::delete_: case http::verb::trace: return true;
    default: return false;
  }
}

bool has_line_break(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos; }

std::string host_header(const HttpClientConfig& config) {
  const std::string host = config.host.find(':') == std::string::npos ? config.host : "[" + config.host + "]";
  const std::string_view usual = config.tls ? "443" : "80";
  return config.port == usual ? host : host + ":" + config.port;
}

Result<Request> to_wire(const HttpClientConfig& config, HttpRequest&& in) {
  const http::verb method = http::string_to_verb(in.method);
  if (method == http::verb::unknown) return fail(Errc::invalid_input, "method " + in.method);
  if (in.target.empty() || in.target.find_first_of(" \r\n\t") != std::string::npos) return fail(Errc::invalid_input, "request target");
  Request out(method, in.target, 11);
  for (const auto& [name, value] : in.headers) {
    if (name.empty() || name.find_first_of(" :\r\n\t") != std::string::npos || has_line_break(value))
      return fail(Errc::invalid_input, "request header " + name);
    out.insert(name, value);
  }
  out.set(http::field::host, host_header(config));
  out.body() = std::move(in.body);
  out.prepare_payload();
  return out;
}

template <class Fields>
HttpHeaders headers_of(const Fields& fields) {
  HttpHeaders out;
  for (const auto& field : fields) out.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return out;
}

Error read_error(boost::system::error_code ec, const std::string& where) {
  if (ec == http::error::body_limit) return fail(Errc::too_large, where + ": response body");
  if (ec == http::error::header_limit) return fail(Errc::too_large, where + ": response header");
  if (ec == http::error::end_of_stream || ec == http::error::partial_message)
    return fail(Errc::unavailable, where + ": connection closed before the response was complete");
  if (ec.category() == http::make_error_code(http::error::bad_version).category())
    return fail(Errc::invalid_input, where + ": " + ec.message());
  return network_error(ec, where);
}

void remove_header(HttpHeaders& headers, http::field field) {
  std::erase_if(headers, [field](const auto& header) { return http::string_to_field(header.first) == field; });
}

Result<HttpResponse> inflated(HttpResponse response, std::size_t max_bytes, const std::string& where) {
  const std::string_view encoding = find_header(response.headers, "Content-Encoding");
  if (response.body.empty() || !(beast::iequals(encoding, "gzip") || beast::iequals(encoding, "x-gzip"))) return response;
  auto plain = inflate_gzip(response.body, max_bytes);
  if (!plain) return Error{plain.error().code, where + ": " + plain.error().context};
  response.body = std::move(*plain);
  remove_header(response.headers, http::field::content_encoding);
  remove_header(response.headers, http::field::content_length);
  return response;
}

// A connection with what was read beyond the last response.
struct Connection {
  std::unique_ptr<Stream> stream;
  beast::flat_buffer buffer{max_header_bytes + 64 * 1024};
  Clock::time_point idle_since{};
};

struct Exchange {
  Result<HttpResponse> result = fail(Errc::unavailable, {});
  bool answered = false;  // a byte of the response came
  bool keep = false;
};

// Reads response heads until one that is not interim. The parser is replaced for each.
template <class Body>
asio::awaitable<boost::system::error_code> read_head(Connection& connection, std::optional<http::response_parser<Body>>& parser,
                                                     bool skip_body, boost::optional<std::uint64_t> body_limit) {
  for (int i = 0; i < max_interim_responses; ++i) {
    parser.emplace();
    parser->header_limit(max_header_bytes);
    parser->body_limit(body_limit);
    parser->skip(skip_body);
    auto [ec, n] = co_await http::async_read_header(*connection.stream, connection.buffer, *parser, as_value);
    if (ec) co_return ec;
    const unsigned status = parser->get().result_int();
    if (status == 101) co_return http::make_error_code(http::error::bad_status);
    if (status >= 200) co_return boost::system::error_code{};
  }
  co_return http::make_error_code(http::error::bad_status);
}

asio::awaitable<Exchange> exchange(Connection& connection, const Request& request, std::size_t max_body, const std::string& where) {
  Exchange out;
  // The server may answer (413, 401) and close before it has read everything: its answer says more than our write error.
  auto [write_error, written] = co_await http::async_write(*connection.stream, request, as_value);
  if (write_error == beast::error::timeout || write_error == asio::error::operation_aborted) {
    out.result = network_error(write_error, where);
    co_return out;
  }
  std::optional<http::response_parser<http::string_body>> parser;
  boost::system::error_code ec = co_await read_head(connection, parser, request.method() == http::verb::head, max_body);
  out.answered = parser->got_some() || connection.buffer.size() > 0;
  if (!ec && !parser->is_done()) {
    auto [body_error, n] = co_await http::async_read(*connection.stream, connection.buffer, *parser, as_value);
    ec = body_error;
  }
  if (ec) {
    out.result = write_error && !out.answered ? network_error(write_error, where) : read_error(ec, where);
    co_return out;
  }
  out.keep = parser->keep_alive() && !write_error;
  auto message = parser->release();
  HttpResponse response;
  response.status = message.result_int();
  response.headers = headers_of(message);
  response.body = std::move(message.body());
  out.result = std::move(response);
  co_return out;
}

}  // namespace

struct HttpClient::Impl {
  Impl(asio::any_io_executor e, HttpClientConfig c) : executor(std::move(e)), config(std::move(c)) {}
  asio::any_io_executor executor;
  HttpClientConfig config;
  std::unique_ptr<Connection> idle;

  std::unique_ptr<Connection> take_idle();
  asio::awaitable<Result<std::unique_ptr<Connection>>> open(Steady deadline);
  asio::awaitable<Result<HttpResponse>> run(HttpRequest request, Steady deadline);
  asio::awaitable<Result<HttpResponse>> run_lines(HttpRequest request, Duration idle_deadline, std::function<void(std::string_view)> on_line);
};

std::unique_ptr<Connection> HttpClient::Impl::take_idle() {
  std::unique_ptr<Connection> connection = std::exchange(idle, nullptr);
  if (!connection) return nullptr;
  const auto context = config.tls ? config.tls->context() : nullptr;
  const bool usable = Clock::now() - connection->idle_since < max_idle && connection->buffer.size() == 0 &&
                      connection->stream->tls_context() == context && !connection->stream->stale();
  return usable ? std::move(connection) : nullptr;
}

asio::awaitable<Result<std::unique_ptr<Connection>>> HttpClient::Impl::open(Steady deadline) {
  auto stream = co_await connect(config.host, config.port, deadline);
  if (!stream) co_return stream.error();
  auto connection = std::make_unique<Connection>();
  connection->stream = std::move(*stream);
  connection->stream->deadline(deadline);
  if (config.tls) {
    const std::string& name = config.verify_name.empty() ? config.host : config.verify_name;
    auto& tls = connection->stream->start_tls(config.tls->context());
    const auto expected = expect_peer(tls.native_handle(), name);
    if (!expected) co_return expected.error();
    const auto ec = co_await connection->stream->handshake(asio::ssl::stream_base::client);
    if (ec) co_return network_error(ec, fmt::format("TLS handshake with {}:{} as {}{}", config.host, config.port, name,
                                                    verification_failure(tls.native_handle())));
  }
  co_return std::move(connection);
}

asio::awaitable<Result<HttpResponse>> HttpClient::Impl::run(HttpRequest in, Steady deadline) {
  const std::string where = fmt::format("{} {}:{}{}", in.method, config.host, config.port, in.target.substr(0, in.target.find('?')));
  const auto request = to_wire(config, std::move(in));
  if (!request) co_return request.error();
  std::unique_ptr<Connection> connection = take_idle();
  for (bool kept = connection != nullptr;; kept = false) {
    if (!connection) {
      auto opened = co_await open(deadline);
      if (!opened) co_return opened.error();
      connection = std::move(*opened);
    }
    connection->stream->deadline(deadline);
    Exchange done = co_await exchange(*connection, *request, config.max_body_bytes, where);
    const bool closed_under_us = done.result.has_error() && done.result.error().is(Errc::unavailable) && !done.answered;
    if (kept && closed_under_us && idempotent(request->method())) {
      connection.reset();
      continue;
    }
    if (!done.result) co_return done.result.error();
    if (done.keep && !idle) {
      connection->idle_since = Clock::now();
      idle = std::move(connection);
    }
    co_return inflated(std::move(*done.result), config.max_body_bytes, where);
  }
}

asio::awaitable<Result<HttpResponse>> HttpClient::Impl::run_lines(HttpRequest in, Duration idle_deadline,
                                                                  std::function<void(std::string_view)> on_line) {
  const std::string where = fmt::format("{} {}:{}{}", in.method, config.host, config.port, in.target.substr(0, in.target.find('?')));
  const auto request = to_wire(config, std::move(in));
  if (!request) co_return request.error();
  auto opened = co_await open(Clock::now() + std::min<Clock::duration>(idle_deadline, connect_deadline));
  if (!opened) co_return opened.error();
  Connection& connection = **opened;

  connection.stream->deadline(Clock::now() + idle_deadline);
  auto [write_error, written] = co_await http::async_write(*connection.stream, *request, as_value);
  if (write_error) co_return network_error(write_error, where);
  std::optional<http::response_parser<http::buffer_body>> parser;
  boost::system::error_code ec = co_await read_head(connection, parser, false, boost::none);
  if (ec) co_return read_error(ec, where);

  HttpResponse response;
  response.status = parser->get().result_int();
  response.headers = headers_of(parser->get());
  const std::string_view encoding = find_header(response.headers, "Content-Encoding");
  if (!encoding.empty() && !beast::iequals(encoding, "identity")) co_return fail(Errc::invalid_input, where + ": content encoding of lines");

  LineSplitter splitter(config.max_body_bytes);
  std::array<char, 16 * 1024> piece;
  while (!parser->is_done()) {
    auto& body = parser->get().body();
    body.data = piece.data();
    body.size = piece.size();
    connection.stream->deadline(Clock::now() + idle_deadline);
    auto [read_ec, n] = co_await http::async_read_some(*connection.stream, connection.buffer, *parser, as_value);
    const std::string_view text(piece.data(), piece.size() - body.size);
    if (response.status == 200) {
      const auto fed = splitter.feed(text, on_line);
      if (!fed) co_return Error{fed.error().code, where + ": " + fed.error().context};
    } else {
      if (text.size() > config.max_body_bytes - response.body.size()) co_return fail(Errc::too_large, where + ": response body");
      response.body += text;
    }
    if (read_ec && read_ec != http::error::need_buffer) co_return read_error(read_ec, where);
  }
  splitter.finish(on_line);
  co_return response;
}

HttpClient::HttpClient(asio::any_io_executor executor, HttpClientConfig config)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(config))) {}
HttpClient::~HttpClient() = default;

// These two are plain functions that hold the state in the coroutine's frame, so a request outlives its client safely.
namespace {
asio::awaitable<Result<HttpResponse>> holding(std::shared_ptr<void> state, asio::awaitable<Result<HttpResponse>> call) {
  auto result = co_await std::move(call);
  state.reset();
  co_return result;
}
}  // namespace

asio::awaitable<Result<HttpResponse>> HttpClient::request(HttpRequest request, Duration deadline) {
  return holding(impl_, impl_->run(std::move(request), Clock::now() + deadline));
}

asio::awaitable<Result<HttpResponse>> HttpClient::lines(HttpRequest request, Duration idle, std::function<void(std::string_view)> on_line) {
  return holding(impl_, impl_->run_lines(std::move(request), idle, std::move(on_line)));
}

}  // namespace charon::net
