#pragma once
/// One Event on a workload whose pods got no agent: the client of a pod creation is a controller, which shows nobody the
/// admission warnings. Written from the watch of pods, never from the admission call, which has no side effects.
#include "injector/core/injection_status.hpp"
#include "injector/core/event_subject.hpp"
#include "lib/net/task_group.hpp"
#include "lib/kube/client.hpp"

#include <map>

namespace charon::injector {

class WorkloadEvents {
 public:
  WorkloadEvents(std::shared_ptr<kube::Client> client, std::string ns, std::string deployment, net::TaskGroup& tasks, Log log);

  /// Tells the pod's workload (the Deployment above its ReplicaSet) why, once an hour and reason.
  void tell(const boost::json::object& pod, const NotInjected& why, Time now);
  /// Tells the injector's own Deployment that injection stopped or goes on.
  void tell_own(std::string reason, std::string message, bool warning, Time now);

 private:
  boost::asio::awaitable<void> write(EventSubject about, std::string reason, std::string message, bool warning, Time now);
  boost::asio::awaitable<void> write_own(std::string reason, std::string message, bool warning, Time now);

  static constexpr std::size_t max_told = 2048;
  std::shared_ptr<kube::Client> client_;
  std::string ns_, deployment_;
  net::TaskGroup& tasks_;
  Log log_;
  std::map<std::string, Time> told_;  ///< controller's uid and reason
};

}  // namespace charon::injector
