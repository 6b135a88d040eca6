#include "tests/bench/release_regression/report_json.hpp"
#include "tests/bench/release_regression/report_statistics.hpp"
#include "tests/bench/release_regression/report_svg.hpp"
#include "tests/bench/release_regression/report_table.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace charon::bench;
using boost::test_tools::tolerance;

namespace {

FaultResult fault(double median, double p90, std::int64_t detected, double phi = 0.5) {
  FaultResult result;
  result.name = "errors";
  result.size = "+5%";
  result.layout = "A";
  result.devices = "all";
  result.phi = phi;
  result.runs = 200;
  result.detected = detected;
  result.median = median;
  result.p90 = p90;
  return result;
}

HealthyResult healthy(std::int64_t releases, std::int64_t false_rollbacks) {
  HealthyResult result;
  result.world = "model";
  result.layout = "A";
  result.phi = 0.5;
  result.releases = releases;
  result.false_rollbacks = false_rollbacks;
  result.passed = releases - false_rollbacks;
  return result;
}

Results results() {
  Results all;
  all.seed = 7;
  ColumnResults& charon = all.columns["charon"];
  charon.healthy = {healthy(10'000, 3)};
  charon.traps = {{"node_fault", "A", 4000, 1, 3000, 900}};
  charon.faults = {fault(12, never, 150)};
  charon.ambiguous = {{"new_node", "A", 400, 2, 380, 370, 0, 18}};
  all.columns["oracle"].faults = {fault(6, 10, 200)};
  all.columns["kayenta"].healthy = {healthy(1000, 200)};
  all.columns["kayenta_calibrated"].note = "5 < 6 & more";
  all.columns["kayenta_calibrated"].healthy = {healthy(1000, 1)};
  all.columns["kayenta_calibrated"].faults = {fault(never, never, 20)};
  return all;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(clopper_pearson_gives_the_textbook_intervals) {
  // 0 of n: 1 - 0.025^(1/n); the others from the beta quantiles.
  BOOST_TEST(clopper_pearson(0, 10'000).upper == 3.68821e-4, tolerance(1e-4));
  BOOST_TEST(clopper_pearson(0, 10'000).lower == 0);
  BOOST_TEST(clopper_pearson(10, 10'000).upper == 1.83822e-3, tolerance(1e-4));
  BOOST_TEST(clopper_pearson(10, 10'000).lower == 4.79640e-4, tolerance(1e-4));
  BOOST_TEST(clopper_pearson(5, 5).lower == 0.478176, tolerance(1e-4));
  BOOST_TEST(clopper_pearson(5, 5).upper == 1);
  BOOST_TEST(clopper_pearson(0, 0).upper == 1);
}

BOOST_AUTO_TEST_CASE(delay_target_follows_the_oracle) {
  const FaultResult oracle = fault(10, 20, 200);
  BOOST_TEST(delay_target(fault(18, 43, 198), oracle).met());
  BOOST_TEST(!delay_target(fault(19, 43, 198), oracle).median_met);
  BOOST_TEST(!delay_target(fault(18, 44, 198), oracle).p90_met);
  BOOST_TEST(!delay_target(fault(18, 43, 197), oracle).detection_met);
  BOOST_TEST(delay_target(fault(23, 43, 198, 0.95), fault(10, 20, 200, 0.95)).met());
  BOOST_TEST(!delay_target(fault(24, 43, 198, 0.95), fault(10, 20, 200, 0.95)).met());
}

BOOST_AUTO_TEST_CASE(a_cell_qualifies_where_the_oracle_needs_a_third_of_what_is_left) {
  FaultResult oracle = fault(10, 120, 200);
  BOOST_TEST(qualifies(oracle));
  oracle.p90 = 121;
  BOOST_TEST(!qualifies(oracle));
  oracle.onset = 120;
  oracle.p90 = 80;
  BOOST_TEST(qualifies(oracle));
  oracle.p90 = 81;
  BOOST_TEST(!qualifies(oracle));
  oracle.p90 = never;
  BOOST_TEST(!qualifies(oracle));
}

BOOST_AUTO_TEST_CASE(json_has_every_field_and_null_for_never) {
  const auto json = boost::json::parse(report_json(results()));
  const auto& charon = json.at("columns").at("charon");
  const auto check = [](const boost::json::value& cell, std::initializer_list<const char*> names) {
    for (const char* name : names) BOOST_TEST(cell.as_object().contains(name), name);
    BOOST_TEST(cell.as_object().size() == names.size());
  };
  check(charon.at("healthy").at(0), {"world", "layout", "history", "phi", "requests_per_second", "releases", "false_rollbacks",
                                     "passed", "inconclusive", "held", "median_to_pass", "evidence_to_pass"});
  check(charon.at("traps").at(0), {"name", "layout", "releases", "rollbacks", "passed", "held"});
  check(charon.at("faults").at(0), {"name", "size", "onset", "layout", "devices", "history", "phi", "requests_per_second",
                                    "runs", "detected", "early", "wrong_pass", "median", "p90"});
  check(charon.at("ambiguous").at(0), {"name", "layout", "releases", "rollbacks", "held", "cause_named", "passed", "inconclusive", "inconclusive_named"});
  BOOST_TEST(charon.at("healthy").at(0).at("false_rollbacks").as_int64() == 3);
  BOOST_TEST(charon.at("healthy").at(0).at("median_to_pass").is_null());
  BOOST_TEST(charon.at("faults").at(0).at("median").as_double() == 12);
  BOOST_TEST(charon.at("faults").at(0).at("p90").is_null());
  BOOST_TEST(!charon.as_object().contains("note"));
  BOOST_TEST(json.at("columns").at("kayenta_calibrated").at("note").as_string() == "5 < 6 & more");
}

BOOST_AUTO_TEST_CASE(table_shows_rates_delays_and_notes) {
  const std::string table = report_table(results());
  BOOST_TEST(has(table, "0.3 (10000)"));
  BOOST_TEST(has(table, "200 (1000)"));
  BOOST_TEST(has(table, "12/- 75%"));
  BOOST_TEST(has(table, "1 of 4000"));
  BOOST_TEST(has(table, "370/380/2 of 400"));
  BOOST_TEST(has(table, "kayenta_calibrated: 5 < 6 & more"));
  BOOST_TEST(table.find("charon") < table.find("kayenta"));
}

BOOST_AUTO_TEST_CASE(table_pools_phi_except_for_the_model_in_layout_a) {
  Results all = results();
  HealthyResult other = healthy(1000, 10);
  other.layout = "B";
  all.columns["charon"].healthy.push_back(other);
  other.phi = 0.8;
  other.false_rollbacks = 0;
  all.columns["charon"].healthy.push_back(other);
  BOOST_TEST(has(report_table(all), "5 (2000)"));
}

BOOST_AUTO_TEST_CASE(targets_name_what_is_missed) {
  Results all = results();
  std::string targets = report_targets(all, "charon");
  BOOST_TEST(has(targets, "met in 0 of 1 fault cells"));
  BOOST_TEST(has(targets, "errors +5% at 0 all phi 0.5 100/s: median 12 (at most 12), p90 - (at most 23), 150 of 200"));
  BOOST_TEST(!has(targets, "trap node_fault"));
  all.columns["charon"].traps[0].rollbacks = 3;
  all.columns["charon"].faults = {fault(12, 23, 200)};
  all.columns["charon"].healthy[0].false_rollbacks = 11;
  targets = report_targets(all, "charon");
  BOOST_TEST(has(targets, "met in 1 of 1 fault cells"));
  BOOST_TEST(has(targets, "trap node_fault: 3 of 4000"));
  BOOST_TEST(has(targets, "11 of 10000 rolled back, at most 2 per 1,000"));
  BOOST_TEST(report_targets(all, "nobody").empty());
}

BOOST_AUTO_TEST_CASE(passes_are_compared_with_the_oracles_and_wrong_ones_are_shown) {
  Results all = results();
  FaultResult matters = fault(never, never, 0);
  matters.size = "+1%";
  matters.wrong_pass = 3;
  all.columns["charon"].faults = {matters};
  all.columns["charon"].healthy[0].passed = 8'999;
  all.columns["oracle_pass"].healthy = {healthy(1000, 0)};
  BOOST_TEST(has(report_table(all), "Wrong passes"));
  BOOST_TEST(has(report_table(all), "\nerrors +1% all"));
  BOOST_TEST(has(report_table(all), "3 of 200"));
  std::string targets = report_targets(all, "charon");
  BOOST_TEST(has(targets, "pass in 0 of 1 cells where oracle_pass passes 95%"));
  BOOST_TEST(has(targets, "8999 of 10000 pass, oracle_pass 1000 of 1000"));
  BOOST_TEST(has(targets, "3 of 200 releases with a fault that just matters"));
  BOOST_TEST(has(targets, "wrong pass: errors +1% all A phi 0.5 100/s: 3 of 200"));
  all.columns["charon"].faults[0].wrong_pass = 2;
  all.columns["charon"].healthy[0].passed = 9'000;
  targets = report_targets(all, "charon");
  BOOST_TEST(has(targets, "pass in 1 of 1 cells where oracle_pass passes 95%"));
  BOOST_TEST(!has(targets, "wrong pass:"));
  BOOST_TEST(!has(targets, "pass, oracle_pass"));
  all.columns["oracle_pass"].healthy[0].passed = 949;  // it cannot be asked for
  BOOST_TEST(!has(report_targets(all, "charon"), "oracle_pass passes"));
  all.columns["charon"].healthy[0].requests_per_second = 0.1;
  BOOST_TEST(has(report_targets(all, "charon"), "9000 of 10000 pass on too few requests"));
  all.columns["charon"].faults[0].onset = 120;  // before it no pass is wrong
  BOOST_TEST(!has(report_table(all), "\nerrors +1% all"));
}

BOOST_AUTO_TEST_CASE(pictures_are_complete_and_hold_numbers_only) {
  for (const std::string& svg : {delay_svg(results()), false_rollbacks_svg(results()), delay_svg({}), false_rollbacks_svg({})}) {
    BOOST_TEST(svg.starts_with("<svg "));
    BOOST_TEST(svg.ends_with("</svg>\n"));
    BOOST_TEST(!has(svg, "nan"));
    BOOST_TEST(!has(svg, "inf"));
    BOOST_TEST(std::count(svg.begin(), svg.end(), '<') == std::count(svg.begin(), svg.end(), '>'));
  }
}

BOOST_AUTO_TEST_CASE(delays_of_a_rival_are_its_calibrated_copys) {
  Results all = results();
  all.columns["kayenta"].faults = {fault(1, 2, 200)};
  const std::string svg = delay_svg(all);
  BOOST_TEST(has(svg, ">kayenta_calibrated<"));
  BOOST_TEST(!has(svg, ">kayenta<"));
  BOOST_TEST(has(svg, ">charon<"));
}

BOOST_AUTO_TEST_SUITE_END()
