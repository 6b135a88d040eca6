#include "lib/net/http_session.hpp"

#include "lib/net/events.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <fmt/chrono.h>

#include <array>

namespace charon::net {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t max_header_bytes = 32 * 1024;
constexpr std::size_t read_block = 16 * 1024;
constexpr std::size_t max_lingering_bytes = 4 << 20;
constexpr auto max_lingering_time = std::chrono::seconds(1);

bool valid_header(std::string_view name, std::string_view value) {
  constexpr std::string_view breaks("\r\n\0", 3);
  return !name.empty() && name.find_first_of(" \t:\r\n") == std::string_view::npos && value.find_first_of(breaks) == std::string_view::npos;
}

std::string http_date() {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

HttpRequest to_value(http::request<http::string_body>&& message) {
  HttpRequest out;
  out.method = message.method_string();
  out.target = message.target();
  for (const auto& field : message) out.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  out.body = std::move(message.body());
  return out;
}

}  // namespace

HttpSession::HttpSession(std::shared_ptr<ServerState> state, asio::ip::tcp::socket socket)
    : state_(std::move(state)), stream_(std::move(socket)), buffer_(max_header_bytes + read_block) {
  boost::system::error_code ec;
  const auto remote = stream_.tcp().socket().remote_endpoint(ec);
  peer_ = ec ? "a closed connection" : remote.address().to_string();
  deadline_ = Clock::now() + state_->config.header_deadline;
  idle_since_ = Clock::now();
}

void HttpSession::abort() {
  aborted_ = true;
  stream_.close();
  if (call_) {
    call_->timer.cancel();
    if (!call_->done) call_->cancel.emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void> HttpSession::run() {
  stream_.deadline(deadline_);
  if (state_->config.tls) {
    stream_.start_tls(state_->config.tls->context());
    const auto ec = co_await stream_.handshake(asio::ssl::stream_base::server);
    if (ec) {
      ++state_->stats.handshake_failures;
      events::handshake_failed(state_->log, peer_, ec.message());
      stream_.close();
      co_return;
    }
  }
  for (bool first = true;; first = false) {
    const bool arrived = co_await wait_for_request(first);
    if (!arrived) break;
    const Next next = co_await serve_one();
    if (next == Next::close) break;
  }
  stream_.close();
}

// True when a byte of a request is there. The first request has the time since accept; later ones may keep us waiting.
asio::awaitable<bool> HttpSession::wait_for_request(bool first) {
  if (!first) deadline_ = Clock::now() + state_->config.header_deadline;
  if (buffer_.size() > 0) co_return true;
  if (aborted_ || (!first && state_->stopping)) co_return false;
  idle_ = true;
  idle_since_ = Clock::now();
  if (!first) stream_.deadline(idle_since_ + state_->config.idle);
  const auto space = buffer_.prepare(read_block);
  auto [ec, n] = co_await stream_.async_read_some(space, as_value);
  idle_ = false;
  if (ec) {
    if (first && ec == beast::error::timeout) ++state_->stats.late_requests;
    co_return false;
  }
  buffer_.commit(n);
  if (!first) deadline_ = Clock::now() + state_->config.header_deadline;
  co_return true;
}

asio::awaitable<boost::system::error_code> HttpSession::read(Parser& parser) {
  auto [head_error, n] = co_await http::async_read_header(stream_, buffer_, parser, as_value);
  if (head_error) co_return head_error;
  if (parser.is_done()) co_return boost::system::error_code{};
  if (beast::iequals(parser.get()[http::field::expect], "100-continue") && buffer_.size() == 0) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto bytes = asio::buffer(go_on.data(), go_on.size());
    auto [write_error, written] = co_await asio::async_write(stream_, bytes, as_value);
    if (write_error) co_return write_error;
  }
  auto [body_error, m] = co_await http::async_read(stream_, buffer_, parser, as_value);
  co_return body_error;
}

asio::awaitable<HttpSession::Next> HttpSession::serve_one() {
  Parser parser;
  parser.header_limit(max_header_bytes);
  parser.body_limit(state_->config.max_body_bytes);
  stream_.deadline(deadline_);
  const auto ec = co_await read(parser);
  if (ec) co_return co_await refuse(ec);

  auto message = parser.release();
  const bool head_only = message.method() == http::verb::head;
  const unsigned version = message.version();
  const bool keep_alive = message.keep_alive();
  if (version == 11 && message.count(http::field::host) != 1) co_return co_await refuse(http::make_error_code(http::error::bad_field));
  ++state_->stats.requests;
  HttpRequest request = to_value(std::move(message));
  HttpResponse response = co_await call_handler(std::move(request));
  if (aborted_) co_return Next::close;
  const bool go_on = keep_alive && !state_->draining && !state_->stopping;
  const bool written = co_await write(std::move(response), head_only, version, go_on);
  co_return written && go_on ? Next::request : Next::close;
}

// The handler runs as a coroutine of its own: one that hangs, and ignores its cancellation, does not hold the connection.
asio::awaitable<HttpResponse> HttpSession::call_handler(HttpRequest request) {
  const std::string method = request.method;
  const std::string path = request.target.substr(0, request.target.find('?'));
  const auto executor = stream_.get_executor();
  const auto call = std::make_shared<HandlerCall>(executor);
  call_ = call;
  call->timer.expires_after(state_->config.handler_deadline);
  try {
    auto finished = [call](std::exception_ptr error, HttpResponse response) {
      call->done = true;
      call->error = std::move(error);
      call->response = std::move(response);
      call->timer.cancel();
    };
    asio::co_spawn(executor, state_->handler(std::move(request)), asio::bind_cancellation_slot(call->cancel.slot(), std::move(finished)));
  } catch (...) {
    call->done = true;
    call->error = std::current_exception();
  }
  if (!call->done) {
    auto [ignored] = co_await call->timer.async_wait(as_value);
    static_cast<void>(ignored);
  }
  call_.reset();
  if (!call->done) {
    call->cancel.emit(asio::cancellation_type::terminal);
    if (!aborted_) {
      ++state_->stats.late_handlers;
      events::handler_too_slow(state_->log, method, path, state_->config.handler_deadline);
    }
    co_return problem(503, "Service Unavailable", "no answer within the deadline");
  }
  if (call->error) {
    std::string what = "not a std::exception";
    try {
      std::rethrow_exception(call->error);
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
      what += " either";
    }
    ++state_->stats.handler_failures;
    if (!aborted_) events::handler_threw(state_->log, method, path, what);
    co_return problem(500, "Internal Server Error", "");
  }
  co_return std::move(call->response);
}

// Answers what cannot be read as a request, where there is somebody to answer to.
asio::awaitable<HttpSession::Next> HttpSession::refuse(boost::system::error_code reason) {
  unsigned status = 0;
  std::string_view title;
  if (reason == http::error::body_limit) {
    status = 413, title = "Content Too Large", ++state_->stats.too_large;
  } else if (reason == http::error::header_limit || reason == http::error::buffer_overflow) {
    status = 431, title = "Request Header Fields Too Large", ++state_->stats.too_large;
  } else if (reason == beast::error::timeout) {
    ++state_->stats.late_requests;  // Beast has closed the socket
  } else if (reason == http::error::end_of_stream || reason == http::error::partial_message) {
    status = 0;
  } else if (reason.category() == http::make_error_code(http::error::bad_method).category()) {
    status = 400, title = "Bad Request", ++state_->stats.malformed;
  }
  events::request_refused(state_->log, peer_, status, reason.message());
  if (status == 0 || aborted_) co_return Next::close;
  const std::string detail = reason.message();
  HttpResponse response = problem(status, title, detail);
  const bool written = co_await write(std::move(response), false, 11, false);
  if (written) co_await linger();
  co_return Next::close;
}

asio::awaitable<bool> HttpSession::write(HttpResponse response, bool head_only, unsigned version, bool keep_alive) {
  if (response.status < 200 || response.status > 599) {
    events::bad_response_status(state_->log, response.status);
    response = problem(500, "Internal Server Error", "");
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  http::response<http::string_body> message(http::int_to_status(response.status), version);
  message.result(response.status);
  for (const auto& [name, value] : response.headers) {
    if (valid_header(name, value))
      message.insert(name, value);
    else
      events::bad_response_header(state_->log, name);
  }
  message.set(http::field::date, http_date());
  message.erase(http::field::transfer_encoding);
  message.erase(http::field::content_length);
  message.keep_alive(keep_alive);
  if (!bodiless) message.content_length(response.body.size());
  if (!bodiless && !head_only) message.body() = std::move(response.body);
  // A client that reads slowly holds a connection, for as long as a handler could.
  stream_.deadline(Clock::now() + state_->config.handler_deadline);
  auto [ec, n] = co_await http::async_write(stream_, message, as_value);
  answered_ = true;
  co_return !ec;
}

// Closing with unread bytes makes TCP reset the connection, which may destroy the answer before the client reads it
// (RFC 9112, 9.6). So read on for a while.
asio::awaitable<void> HttpSession::linger() {
  stream_.shutdown_send();
  stream_.deadline(Clock::now() + max_lingering_time);
  std::array<char, read_block> discarded;
  for (std::size_t total = 0; total < max_lingering_bytes;) {
    const auto space = asio::buffer(discarded);
    auto [ec, n] = co_await stream_.async_read_some(space, as_value);
    if (ec) break;
    total += n;
  }
}

}  // namespace charon::net
