#include "lib/kube/retry.hpp"

#include "lib/base/json_fields.hpp"

#include <charconv>

namespace charon::kube {
namespace {

bool has_resource_version(std::string_view body) {
  const auto object = parse_json(body, std::size_t{4} << 20);
  if (!object) return false;
  boost::system::error_code absent;
  const boost::json::value* version = object->find_pointer("/metadata/resourceVersion", absent);
  return version && version->is_string() && !version->get_string().empty();
}

bool busy(const Result<HttpResponse>& outcome) { return outcome && outcome->status == 429; }

bool failed(const Result<HttpResponse>& outcome) {
  if (!outcome) return outcome.error().is(Errc::unavailable) || outcome.error().is(Errc::timeout);
  return outcome->status == 500 || (outcome->status >= 502 && outcome->status <= 504);
}

}  // namespace

bool repeatable(const HttpRequest& request) {
  if (request.method == "GET" || request.method == "HEAD" || request.method == "DELETE") return true;
  return request.method == "PUT" && has_resource_version(request.body);
}

std::optional<Duration> Retries::next(const HttpRequest& request, const Result<HttpResponse>& outcome, std::mt19937_64& random) {
  if (tried_ >= policy_.retries) return std::nullopt;
  if (!busy(outcome) && !(failed(outcome) && repeatable(request))) return std::nullopt;
  ++tried_;
  const Duration wait = backoff_.next(random);
  if (!outcome) return wait;
  const auto asked = retry_after(outcome->headers);
  if (!asked) return wait;
  if (*asked > policy_.longest_wait) return std::nullopt;
  return *asked + wait;  // never before the server's time, and not all at once
}

std::optional<Duration> retry_after(const HttpHeaders& headers) {
  const std::string_view text = find_header(headers, "Retry-After");
  unsigned seconds = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds{seconds};
}

}  // namespace charon::kube
