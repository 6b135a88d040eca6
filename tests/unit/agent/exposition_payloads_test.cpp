/// Payloads of real targets. The expected numbers were counted without this parser:
///   grep -vc '^#\|^$' FILE; grep -c '^# TYPE' FILE; grep -v '^#' FILE | grep -c ' # {'
#include "agent/core/exposition_rules.hpp"
#include "tests/unit/agent/allocation_count.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace charon::agent {
namespace {

const std::filesystem::path payloads = "../shared/data/exposition";

struct Payload {
  std::string_view file;
  Dialect dialect;
  std::size_t samples, types, exemplars;
};

constexpr Payload table[] = {
    {"1histogram.om.txt", Dialect::openmetrics, 42, 1, 0},
    {"alltypes.5mfs.om.txt", Dialect::openmetrics, 53, 5, 6},
    {"alltypes.237mfs.nometa.prom.txt", Dialect::prometheus, 1857, 0, 0},
    {"alltypes.237mfs.prom.txt", Dialect::prometheus, 1857, 237, 0},
    {"node_exporter-e2e-output.txt", Dialect::prometheus, 3027, 1228, 0},
};

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

struct Counts {
  std::size_t samples = 0, types = 0, exemplars = 0, errors = 0;
};

Counts parse(ExpositionParser& parser, std::string_view text, Dialect dialect) {
  Counts counts;
  parser.start(text, dialect);
  for (;;) {
    switch (parser.next()) {
      case ExpositionItem::sample:
        ++counts.samples;
        counts.exemplars += parser.sample().exemplar.has_value();
        break;
      case ExpositionItem::type: ++counts.types; break;
      case ExpositionItem::error: ++counts.errors; break;
      case ExpositionItem::end: return counts;
      default: break;
    }
  }
}

bool absent() {
  if (std::filesystem::exists(payloads)) return false;
  BOOST_TEST_MESSAGE("SKIPPED: " << payloads.string() << " is absent");
  return true;
}

BOOST_AUTO_TEST_SUITE(exposition_payloads)

BOOST_AUTO_TEST_CASE(finds_every_series_type_and_exemplar) {
  if (absent()) return;
  for (const Payload& payload : table) {
    BOOST_TEST_CONTEXT(payload.file) {
      ExpositionParser parser;
      const Counts counts = parse(parser, read(payloads / payload.file), payload.dialect);
      BOOST_TEST(counts.errors == 0u);
      BOOST_TEST(counts.samples == payload.samples);
      BOOST_TEST(counts.types == payload.types);
      BOOST_TEST(counts.exemplars == payload.exemplars);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_two_series_of_a_payload_are_the_same) {
  if (absent()) return;
  for (const Payload& payload : table) {
    const std::string text = read(payloads / payload.file);
    std::set<std::string> series;
    ExpositionParser parser;
    parser.start(text, payload.dialect);
    for (ExpositionItem item = parser.next(); item != ExpositionItem::end; item = parser.next()) {
      if (item != ExpositionItem::sample) continue;
      std::string key(parser.sample().name);
      for (const LabelView& label : parser.sample().labels) key.append("|").append(label.name).append("=").append(label.value);
      series.insert(key);
    }
    BOOST_TEST(series.size() == payload.samples, payload.file);
  }
}

BOOST_AUTO_TEST_CASE(allocates_nothing_once_warm) {
  std::string text = "# HELP a with\\nescape\n# TYPE a counter\n";
  for (int i = 0; i < 1000; ++i) text += "a_total{path=\"C:\\\\x\",n=\"" + std::to_string(i) + "\"} 1e-3 12.5 # {id=\"a\\\"b\"} 1 2.5\n";
  text += "# EOF\n";
  ExpositionParser parser;
  const Counts first = parse(parser, text, Dialect::openmetrics);
  const std::size_t before = allocation_count();
  const Counts second = parse(parser, text, Dialect::openmetrics);
  BOOST_TEST(allocation_count() - before == 0u);
  BOOST_TEST(first.samples == 1000u);
  BOOST_TEST(second.samples == 1000u);
  BOOST_TEST(second.exemplars == 1000u);
  if (absent()) return;
  for (const Payload& payload : table) {
    const std::string real = read(payloads / payload.file);
    parse(parser, real, payload.dialect);
    const std::size_t start = allocation_count();
    parse(parser, real, payload.dialect);
    BOOST_TEST(allocation_count() - start == 0u, payload.file);
  }
}

BOOST_AUTO_TEST_CASE(a_real_exporter_follows_the_rules_of_the_text_format) {
  if (absent()) return;
  const auto findings = check_exposition(read(payloads / "node_exporter-e2e-output.txt"), Dialect::prometheus);
  BOOST_TEST(findings.empty(), (findings.empty() ? std::string() : to_error(findings.front()).message()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent
