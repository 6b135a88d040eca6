#pragma once
/// One admission call, from the bytes of the review to the bytes of the answer.
#include "injector/core/admission_review.hpp"
#include "injector/core/injection_status.hpp"
#include "injector/core/workload_key.hpp"

#include <functional>

namespace charon::injector {

/// What the injector knows of the cluster, looked up for one pod.
struct ClusterFacts {
  bool native_sidecars = false;
  std::function<std::vector<LimitRangeItem>(std::string_view ns)> limits;
  /// Asked last, when all else speaks for an agent: whether injection is stopped (a breaker's turn may be taken).
  std::function<std::optional<Skip>(const std::optional<WorkloadKey>& workload, bool dry_run)> hold;
};

struct Admission {
  std::string body;                     ///< of the HTTP answer, status 200
  std::optional<Skip> skipped;          ///< empty: injected
  std::string ns;
  std::optional<WorkloadKey> workload;  ///< the pod's controller
  bool dry_run = false;
};

/// `namespace_value`: the namespace's label charon.dev/injection. The review does not carry it; which webhook entry called
/// tells it. Never fails: what it cannot handle is admitted unchanged.
Admission admit(std::string_view body, std::optional<std::string_view> namespace_value, const AgentSettings& settings, const ClusterFacts& facts);

}  // namespace charon::injector
