#pragma once
/// Redirects of a scrape, as frameworks answer /metrics with /metrics/. Prometheus follows them anywhere; the agent stays
/// at the endpoint it was given: what another address answers says nothing of this pod.
#include "lib/base/error.hpp"

#include <string>
#include <string_view>

namespace charon::agent {

inline constexpr int max_redirects = 5;

/// RFC 9110, 15.4: statuses that name another place for the same GET.
constexpr bool is_redirect(unsigned status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

/// The request target that `location` (a URL or relative reference) means in the answer to `target` of
/// `http[s]://localhost:port`. Errors: rejected where it leads elsewhere or cannot be read; the context says where.
Result<std::string> redirect_target(std::string_view location, bool tls, unsigned short port, std::string_view target);

}  // namespace charon::agent
