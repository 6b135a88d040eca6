#pragma once
/// Errors as HTTP answers, in one place (application/problem+json, RFC 9457).
#include "lib/base/error.hpp"
#include "lib/base/http_message.hpp"

namespace charon::coordinator {

/// unauthorized 401, forbidden 403, not_found 404, conflict 409, gone 410, too_large 413, invalid_input and rejected 422,
/// timeout, unavailable and shutting_down 503 with Retry-After.
HttpResponse problem_of(const Error& error);
/// The same for agents, whom the core tells `unavailable` of what it does not know yet: 425 with Retry-After, so that an
/// agent whose pod is younger than the coordinator's view of it asks again soon.
HttpResponse agent_problem_of(const Error& error);

}  // namespace charon::coordinator
