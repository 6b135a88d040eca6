#pragma once
/// One action as calls to the API server.
#include "coordinator/core/action.hpp"
#include "lib/kube/client.hpp"

namespace charon::coordinator {

/// What each is and how it ends: coordinator/core/action.hpp. The object that the API server answered last, or the error.
boost::asio::awaitable<Result<boost::json::object>> write_ledger(std::shared_ptr<kube::Client> client, WriteLedger action);
boost::asio::awaitable<Result<boost::json::object>> write_baseline(std::shared_ptr<kube::Client> client, WriteBaseline action);
boost::asio::awaitable<Result<boost::json::object>> patch_workload(std::shared_ptr<kube::Client> client, PatchWorkload action, Log log);
boost::asio::awaitable<Result<boost::json::object>> emit_event(std::shared_ptr<kube::Client> client, EmitEvent action);

}  // namespace charon::coordinator
