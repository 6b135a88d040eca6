#pragma once
/// Whether a request to the API server is tried again, and when; decided without I/O.
#include "lib/base/backoff.hpp"
#include "lib/base/http_message.hpp"

#include <optional>
#include <random>

namespace charon::kube {

struct RetryPolicy {
  unsigned retries = 3;
  Duration longest_wait{15'000};  ///< a Retry-After beyond it ends the tries
};

/// True where a second try cannot do what the first one did already: GET, HEAD, DELETE, and PUT of an object with a
/// resourceVersion (the second one is then a conflict).
bool repeatable(const HttpRequest& request);

/// The tries of one request. Tried again: 429, always, since it was not served (Retry-After in seconds honoured); 500,
/// 502, 503, 504 and a peer that was not reached or did not answer in time, where the request is repeatable.
class Retries {
 public:
  explicit Retries(RetryPolicy policy) : policy_(policy), backoff_(Duration{200}, Duration{5'000}) {}

  /// After a try: how long to wait before the next one, or nothing: its outcome stands.
  std::optional<Duration> next(const HttpRequest& request, const Result<HttpResponse>& outcome, std::mt19937_64& random);

 private:
  RetryPolicy policy_;
  Backoff backoff_;
  unsigned tried_ = 0;
};

/// Retry-After in whole seconds (RFC 9110, 10.2.3); a date, which the API server does not send, counts as absent.
std::optional<Duration> retry_after(const HttpHeaders& headers);

}  // namespace charon::kube
