/// The OpenMetrics project's own parser cases: each folder has `metrics` and test.json with shouldParse.
#include "agent/core/exposition_rules.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace charon::agent {
namespace {

const std::filesystem::path cases = "../shared/data/openmetrics/parsers";

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

BOOST_AUTO_TEST_SUITE(exposition_openmetrics_cases)

BOOST_AUTO_TEST_CASE(gives_the_verdict_of_every_case) {
  if (!std::filesystem::exists(cases)) {
    BOOST_TEST_MESSAGE("SKIPPED: " << cases.string() << " is absent");
    return;
  }
  int right = 0, all = 0;
  for (const auto& folder : std::filesystem::directory_iterator(cases)) {
    if (!std::filesystem::exists(folder.path() / "test.json")) continue;
    ++all;
    const bool expected = boost::json::parse(read(folder.path() / "test.json")).at("shouldParse").as_bool();
    const auto findings = check_exposition(read(folder.path() / "metrics"), Dialect::openmetrics);
    const std::string first = findings.empty() ? "valid" : to_error(findings.front()).message();
    BOOST_TEST(findings.empty() == expected, folder.path().filename().string() << ": " << first);
    right += findings.empty() == expected;
  }
  BOOST_TEST(all == 211);
  BOOST_TEST_MESSAGE(right << " of " << all << " verdicts right");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent
