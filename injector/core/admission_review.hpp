#pragma once
/// AdmissionReview of admission.k8s.io/v1, read and answered. Whatever goes wrong, the pod is admitted unchanged.
#include "lib/base/error.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace charon::injector {

/// The API server sends objects of at most 3 MiB (etcd's request bound and then some).
inline constexpr std::size_t max_review_bytes = 3 << 20;
/// API servers cut warnings at 256 bytes, and ask for at most 120 (KEP-1693).
inline constexpr std::size_t max_warning_bytes = 256;
inline constexpr std::size_t max_warnings = 8;

struct AdmissionRequest {
  std::string uid;
  std::string ns;
  bool dry_run = false;
  bool pod_creation = false;  ///< CREATE of a pod itself, not of a subresource
  boost::json::object object;
};

/// Errors: too_large, invalid_input. `uid_out` is set as soon as it is known, so that even a failed review is answered.
Result<AdmissionRequest> parse_review(std::string_view body, std::string& uid_out);

struct AdmissionAnswer {
  std::string uid;
  boost::json::array patch;            ///< RFC 6902; empty: admitted unchanged
  std::vector<std::string> warnings;   ///< shown to the client; cut to bounds
  std::vector<std::pair<std::string, std::string>> audit;  ///< annotations of the audit event; the server prefixes the webhook's name
};

/// The response's body: always allowed.
std::string render_answer(const AdmissionAnswer& answer);

}  // namespace charon::injector
