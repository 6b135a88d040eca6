/// Any text as a sequence of scrapes (separated by a line of dashes) through parser and detector, with a baseline that the
/// text's metrics fit; the length of what is left decides whether stable pods are said to run beside it, and how well. Whatever
/// it says, evidence stays a number, what one scrape shows never decides (the first only begins the counts), and reports are
/// valid.
#include "agent/core/detector.hpp"
#include "agent/core/exposition_parser.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace charon;
using namespace charon::agent;

void require(bool condition) {
  if (!condition) std::abort();
}

const wire::Baseline baseline{
    .version = 1, .release = "stable", .pods = 2,
    .metrics = {{.metric = "http_requests_total{code=\"5xx\"}", .kind = wire::MetricKind::error_ratio, .bounds = {}, .counts = {99'900, 100}, .windows = 300},
                {.metric = "http_request_duration_seconds", .kind = wire::MetricKind::latency, .bounds = {0.1, 0.5}, .counts = {90'000, 9'000, 1'000}, .windows = 300}},
    .same_node = {}};

void scrape(Detector& detector, ExpositionParser& parser, std::string_view text, Time now) {
  detector.begin_scrape(now);
  parser.start(text, Dialect::prometheus);
  for (;;) {
    const ExpositionItem item = parser.next();
    if (item == ExpositionItem::sample) detector.observe(parser.sample());
    if (item == ExpositionItem::error) return detector.scrape_failed(now);
    if (item == ExpositionItem::end) return detector.end_scrape();
  }
}

/// Stable pods as they were at the `scrapes`-th scrape.
wire::Control control(std::uint64_t scrapes, std::size_t how) {
  wire::Control out;
  out.since = Time{Duration{1 + static_cast<Duration::rep>(how / 64 % 2)}};
  out.none_runs = how % 3 == 0;
  out.pods = out.none_runs ? 0 : 1 + static_cast<std::uint32_t>(how % 4);
  out.same_node_pods = std::min<std::uint32_t>(out.pods, how / 4 % 2);
  out.age = Duration{static_cast<Duration::rep>(how % 20'000)};
  for (const wire::MetricCounts& usual : baseline.metrics) {
    out.metrics.push_back(usual);
    for (std::uint64_t& count : out.metrics.back().counts) count = count / 300 * scrapes;
    out.metrics.back().windows = scrapes;
    if (how / 8 % 4 == 0) out.metrics.back().counts.back() *= 50;
  }
  if (out.same_node_pods > 0) out.same_node = out.metrics;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Detector detector({}, 1e-3);
  detector.set_baseline(baseline);
  ExpositionParser parser;
  Time now{};
  for (int scrapes = 1; scrapes <= 64; ++scrapes) {
    const auto end = text.find("\n---\n");
    scrape(detector, parser, text.substr(0, end == std::string_view::npos ? end : end + 1), now += Duration{5'000});
    if (text.size() % 2 == 0) detector.set_control(control(static_cast<std::uint64_t>(scrapes), text.size() / 2), now + Duration{300});
    const Evidence& evidence = detector.evidence();
    require(std::isfinite(evidence.log_evidence) && std::isfinite(evidence.log_pass_evidence));
    require(scrapes > 2 || evidence.verdict != wire::Verdict::fail);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 5);
  }
  wire::Report report;
  report.boot_id = BootId{"boot"};
  detector.fill(report);
  require(wire::validate(report).has_value());
  return 0;
}
