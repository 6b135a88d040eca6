#pragma once
/// Speaks to the coordinator: hello, then reports. Reports are cumulative, so while the coordinator is away nothing is
/// queued: the next one that arrives holds everything. A verdict that turns is reported at once.
#include "agent/core/detector.hpp"
#include "agent/core/outage.hpp"
#include "agent/core/report_policy.hpp"
#include "agent/shell/agent_metrics.hpp"
#include "agent/shell/settings.hpp"
#include "lib/net/http_client.hpp"

#include <boost/asio/steady_timer.hpp>

#include <random>

namespace charon::agent {

class Reporter {
 public:
  Reporter(boost::asio::any_io_executor executor, const Settings& settings, std::shared_ptr<net::TlsClient> tls, Detector& detector,
           AgentMetrics& metrics, Log log);

  /// Until cancelled, or the coordinator says that the pod ends.
  boost::asio::awaitable<void> run();
  /// After each scrape: logs a verdict that turned, and has it reported at once.
  void scraped();

  const wire::AgentPolicy& policy() const { return policy_; }
  wire::Role role() const { return role_; }

 private:
  void judged(const Evidence& evidence);
  boost::asio::awaitable<void> register_agent();
  boost::asio::awaitable<Result<void>> hello();
  boost::asio::awaitable<Result<void>> report();
  boost::asio::awaitable<Result<void>> fetch_baseline();
  /// The body of a 2xx answer.
  boost::asio::awaitable<Result<boost::json::value>> call(std::string method, std::string target, boost::json::object body);
  boost::asio::awaitable<void> pause(Duration duration);
  void learn_role(wire::Role role);
  void learn_baseline(const wire::Baseline& baseline);
  void tell_exclusions(const Evidence& evidence);
  void heard();

  boost::asio::any_io_executor executor_;
  std::string token_file_;
  std::optional<Duration> scrape_interval_;  ///< this pod's own, beats the policy's
  std::shared_ptr<net::TlsClient> tls_;
  net::HttpClient client_;
  Detector& detector_;
  AgentMetrics& metrics_;
  Log log_;
  std::minstd_rand random_{std::random_device{}()};
  boost::asio::steady_timer wake_;
  wire::AgentPolicy policy_;
  ReportPolicy schedule_;
  BootId boot_id_;
  std::uint64_t sequence_ = 0;
  wire::Role role_ = wire::Role::candidate;
  std::uint64_t baseline_version_ = 0;
  std::string baseline_release_;
  Outage outage_;                      ///< of the coordinator
  unsigned status_ = 0;                ///< of its last answer
  std::vector<std::string> left_out_;  ///< metrics that were told to be
  bool registered_ = false, pod_ends_ = false;
  wire::Verdict verdict_ = wire::Verdict::inconclusive;       ///< as last seen
  wire::Verdict acknowledged_ = wire::Verdict::inconclusive;  ///< as the coordinator knows it
};

}  // namespace charon::agent
