/// Any text as a sequence of scrapes (separated by a line of dashes) through parser and detector, with a baseline that the
/// text's metrics fit. Whatever it says, evidence stays a number, what one scrape shows never decides (the first scrape only begins the counts), and reports are valid.
#include "agent/core/detector.hpp"
#include "agent/core/exposition_parser.hpp"

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
