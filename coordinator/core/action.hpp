#pragma once
/// What the coordinator wants done. The shell carries actions out in the order given, each one to its end before the next
/// of the same workload, and reports every outcome back: the core never issues a PatchWorkload before the WriteLedger
/// that holds its intent was acknowledged.
#include "coordinator/core/deployment_patch.hpp"
#include "coordinator/core/workload_key.hpp"

#include <variant>

namespace charon::coordinator {

/// Create or replace the workload's ReleaseLedger `object` (apiVersion, kind, metadata, spec, status). Where
/// metadata.resourceVersion is absent: POST it, then PUT its /status; else PUT /status only. The outcome is the object as
/// the API server answered last. On conflict or not_found, report the error: the core reads the fresh one through
/// on_ledger (or its absence) and asks again.
struct WriteLedger {
  WorkloadKey key;
  boost::json::object object;
  std::uint64_t revision = 0;  ///< the core's own count of this ledger's states
};

/// The same for its ReleaseBaseline (no status subresource is used: everything is in spec): POST or PUT.
struct WriteBaseline {
  WorkloadKey key;
  boost::json::object object;
};

/// GET the Deployment; `deployment_patch(plan, fresh)`; PATCH (merge); on 409 from the start again, five tries at most.
/// Outcome: the patched object; Errc::conflict where the patch is Stale (context says why) or tries ran out; Errc::rejected
/// where deployment_patch refuses; else the request's error.
struct PatchWorkload {
  WorkloadKey key;
  PatchPlan plan;
  std::string intent;  ///< the core's own
};

/// One Event (events.k8s.io or core v1). `ns` empty: a cluster-scoped object (Node), whose Events live in "default".
struct EmitEvent {
  std::string api_version, kind, ns, name, uid;  ///< the involved object
  std::string type = "Normal";                   ///< Normal, Warning
  std::string reason;                            ///< CamelCase
  std::string message;                           ///< at most 1024 bytes
};

using Action = std::variant<WriteLedger, WriteBaseline, PatchWorkload, EmitEvent>;

}  // namespace charon::coordinator
