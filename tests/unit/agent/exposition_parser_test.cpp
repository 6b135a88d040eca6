#include "agent/core/exposition_parser.hpp"
#include "agent/core/exposition_rules.hpp"
#include "agent/core/exposition_text.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

namespace charon::agent {
namespace {

constexpr auto prometheus = Dialect::prometheus;
constexpr auto openmetrics = Dialect::openmetrics;

/// Samples as "name{label=value,...} value @timestamp", so that a table can say what is expected.
std::string print(const ExpositionSample& sample) {
  std::string out(sample.name);
  out += '{';
  for (const LabelView& label : sample.labels) out.append(label.name).append("=").append(label.value).append(",");
  out += "} " + std::to_string(sample.value);
  if (sample.timestamp) out += " @" + std::to_string(*sample.timestamp);
  return out;
}

/// All samples, one a line; or the first error as "LINE:COLUMN: message".
std::string parse(std::string_view text, Dialect dialect, ExpositionLimits limits = {}) {
  ExpositionParser parser(limits);
  parser.start(text, dialect);
  std::string out;
  for (;;) {
    switch (parser.next()) {
      case ExpositionItem::sample: out += print(parser.sample()) + "\n"; break;
      case ExpositionItem::error:
        return std::to_string(parser.error().line) + ":" + std::to_string(parser.error().column) + ": " + parser.error().message;
      case ExpositionItem::end: return out;
      default: break;
    }
  }
}

std::string first_finding(std::string_view text, Dialect dialect) {
  const auto findings = check_exposition(text, dialect);
  if (findings.empty()) return "valid";
  return std::to_string(findings[0].line) + ":" + std::to_string(findings[0].column) + ": " + findings[0].message;
}

struct Case {
  std::string_view text, expected;
};

BOOST_AUTO_TEST_SUITE(exposition_parser)

BOOST_AUTO_TEST_CASE(accepts_what_the_prometheus_scraper_accepts) {
  const Case table[] = {
      {"", ""},
      {"\n\n", ""},
      {"a 1\n", "a{} 1.000000\n"},
      {"a 1", "a{} 1.000000\n"},
      {"a{} 1\n", "a{} 1.000000\n"},
      {"  a\t1  \n", "a{} 1.000000\n"},
      {"a:b_C9 1\n", "a:b_C9{} 1.000000\n"},
      {"a{b=\"c\"}1\n", "a{b=c,} 1.000000\n"},
      {"a { b = \"c\" , d=\"e\" , } 2 1500\n", "a{b=c,d=e,} 2.000000 @1.500000\n"},
      {"a 1 -1500\n", "a{} 1.000000 @-1.500000\n"},
      {"a{b=\"\\\\ \\\" \\n \\z\"} 1\n", "a{b=\\ \" \n \\z,} 1.000000\n"},
      {"a{b=\"}{,# \"} 1\n", "a{b=}{,# ,} 1.000000\n"},
      {"# comment\n#\n#HELP a\n# TYPE\n# TYPEWRITER a b\na 1\n", "a{} 1.000000\n"},
      {"# HELP a\n# HELP b x y  z\n# \t TYPE  a \tgauge \na +Inf\n", "a{} inf\n"},
      {"a -inf\na{b=\"1\"} nan\n", "a{} -inf\na{b=1,} nan\n"},
      {"a .5\na 5.\na 1E+2\n", "a{} 0.500000\na{} 5.000000\na{} 100.000000\n"},
      {"a 1e-400\n", "a{} 0.000000\n"},
  };
  for (const Case& row : table) BOOST_TEST(parse(row.text, prometheus) == row.expected, row.text << " gave " << parse(row.text, prometheus));
}

BOOST_AUTO_TEST_CASE(says_where_and_what_was_expected_in_prometheus_text) {
  const Case table[] = {
      {"a\n", "1:2: expected '{' or a blank before the value, found the end of the line"},
      {"a \n", "1:3: expected a value, found the end of the line"},
      {"a 1\n1a 1\n", "2:1: expected a metric name, found '1'"},
      {"a-b 1\n", "1:2: expected '{' or a blank before the value, found '-'"},
      {"a 0x1p-3\n", "1:3: expected a value: a decimal number within a double, +Inf, -Inf or NaN"},
      {"a 1_000\n", "1:3: expected a value: a decimal number within a double, +Inf, -Inf or NaN"},
      {"a 1e400\n", "1:3: expected a value: a decimal number within a double, +Inf, -Inf or NaN"},
      {"a 1 1.5\n", "1:5: expected a timestamp: whole milliseconds since the epoch"},
      {"a 1 1 1\n", "1:7: expected the end of the line, found '1'"},
      {"a 1 # {b=\"c\"} 1\n", "1:5: expected a timestamp: whole milliseconds since the epoch"},
      {"a{b=\"c} 1\n", "1:10: expected '\"' after the label value, found the end of the line"},
      {"a{b=\"c\\\n", "1:8: expected '\"' after the label value, found the end of the line"},
      {"a{b=c} 1\n", "1:5: expected '\"' before the label value, found 'c'"},
      {"a{b} 1\n", "1:4: expected '=' after the label name, found '}'"},
      {"a{b:c=\"1\"} 1\n", "1:4: expected '=' after the label name, found ':'"},
      {"a{,} 1\n", "1:3: expected a label name, found ','"},
      {"a{b=\"1\" c=\"2\"} 1\n", "1:9: expected ',' or '}' after a label, found 'c'"},
      {"a{b=\"1\",b=\"2\"} 1\n", "1:9: expected each label once, found 'b' again"},
      {"a{b=\"\xff\"} 1\n", "1:6: expected valid UTF-8"},
      {"# TYPE a enum\n", "1:10: expected a type: untyped, counter, gauge, histogram or summary"},
      {"# TYPE a info\n", "1:10: expected a type: untyped, counter, gauge, histogram or summary"},
      {"\n\n  # TYPE 1 gauge\n", "3:10: expected a metric name, found '1'"},
      {"a 1\r\n", "1:3: expected a value: a decimal number within a double, +Inf, -Inf or NaN"},
  };
  for (const Case& row : table) BOOST_TEST(parse(row.text, prometheus) == row.expected, row.text << " gave " << parse(row.text, prometheus));
}

BOOST_AUTO_TEST_CASE(says_where_and_what_was_expected_in_openmetrics) {
  const Case table[] = {
      {"", "1:1: expected # EOF at the end"},
      {"a 1\n", "2:1: expected # EOF at the end"},
      {"a 1", "1:4: expected # EOF at the end"},
      {"a  1\n# EOF\n", "1:3: expected a value, found a blank"},
      {"a 1 \n# EOF\n", "1:5: expected a timestamp, found the end of the line"},
      {"a 1 NaN\n# EOF\n", "1:5: expected a timestamp: seconds since the epoch"},
      {"a{b=\"1\", c=\"2\"} 1\n# EOF\n", "1:9: expected a label name, found a blank"},
      {"a 1 # b\n# EOF\n", "1:5: expected an exemplar: '# {'"},
      {"a 1 2 \n# EOF\n", "1:7: expected '#' or no space at the end of the line"},
      {"a 1 # {b=\"c\"}1\n# EOF\n", "1:14: expected one space before the exemplar's value, found '1'"},
      {"\na 1\n# EOF\n", "1:1: expected a sample or metadata, found an empty line"},
      {"# comment\n# EOF\n", "1:1: expected '# TYPE ', '# HELP ', '# UNIT ' or '# EOF'"},
      {"# UNIT a seconds\n# EOF\n", "1:10: expected the unit that the metric name ends with, after a '_'"},
      {"# TYPE a untyped\n# EOF\n",
       "1:10: expected a type: unknown, counter, gauge, histogram, gaugehistogram, summary, info or stateset"},
      {"# EOF\na 1\n", "2:1: expected nothing after # EOF"},
  };
  for (const Case& row : table) BOOST_TEST(parse(row.text, openmetrics) == row.expected, row.text << " gave " << parse(row.text, openmetrics));
}

BOOST_AUTO_TEST_CASE(goes_on_after_an_error_with_the_next_line) {
  ExpositionParser parser;
  parser.start("a x\nb 1\n{} 1\nc 2\n", prometheus);
  BOOST_TEST((parser.next() == ExpositionItem::error));
  BOOST_TEST((parser.next() == ExpositionItem::sample));
  BOOST_TEST(parser.sample().name == "b");
  BOOST_TEST((parser.next() == ExpositionItem::error));
  BOOST_TEST(parser.error().line == 3u);
  BOOST_TEST((parser.next() == ExpositionItem::sample));
  BOOST_TEST(parser.sample().name == "c");
  BOOST_TEST((parser.next() == ExpositionItem::end));
  BOOST_TEST((parser.next() == ExpositionItem::end));
}

BOOST_AUTO_TEST_CASE(samples_know_their_family_and_type) {
  struct Row {
    Dialect dialect;
    std::string_view type_line, name, family;
    FamilyType type;
  };
  const Row table[] = {
      {prometheus, "# TYPE a histogram\n", "a_bucket", "a", FamilyType::histogram},
      {prometheus, "# TYPE a histogram\n", "a_count", "a", FamilyType::histogram},
      {prometheus, "# TYPE a histogram\n", "a_other", "a_other", FamilyType::unknown},
      {prometheus, "# TYPE a summary\n", "a", "a", FamilyType::summary},
      {prometheus, "# TYPE a_total counter\n", "a_total", "a_total", FamilyType::counter},
      {prometheus, "# TYPE a gauge\n", "ab", "ab", FamilyType::unknown},
      {openmetrics, "# TYPE a counter\n", "a_total", "a", FamilyType::counter},
      {openmetrics, "# TYPE a_total counter\n", "a_total", "a_total", FamilyType::counter},  // as exporters write it
      {openmetrics, "# TYPE a gaugehistogram\n", "a_gsum", "a", FamilyType::gauge_histogram},
      {openmetrics, "# TYPE a info\n", "a_info", "a", FamilyType::info},
      {openmetrics, "# TYPE a stateset\n", "a", "a", FamilyType::state_set},
  };
  for (const Row& row : table) {
    const std::string text = std::string(row.type_line) + std::string(row.name) + " 1\n# EOF\n";
    ExpositionParser parser;
    parser.start(text, row.dialect);
    BOOST_TEST((parser.next() == ExpositionItem::type), text);
    BOOST_TEST((parser.next() == ExpositionItem::sample), text);
    BOOST_TEST(parser.sample().family == row.family, text);
    BOOST_TEST((parser.sample().type == row.type), text);
  }
}

BOOST_AUTO_TEST_CASE(reads_metadata_and_exemplars) {
  ExpositionParser parser;
  parser.start("# HELP a_seconds b\\nc \\\"d\\\" \\e\n# UNIT a_seconds seconds\n# TYPE a_seconds counter\n"
               "a_seconds_total{f=\"\\n\"} 1 2.5 # {g=\"\\\"h\"} 3 4.5\n# EOF", openmetrics);
  BOOST_TEST((parser.next() == ExpositionItem::help));
  BOOST_TEST(parser.metadata().text == "b\nc \"d\" \\e");
  BOOST_TEST((parser.next() == ExpositionItem::unit));
  BOOST_TEST(parser.metadata().text == "seconds");
  BOOST_TEST((parser.next() == ExpositionItem::type));
  BOOST_TEST((parser.metadata().type == FamilyType::counter));
  BOOST_TEST((parser.next() == ExpositionItem::sample));
  BOOST_TEST(print(parser.sample()) == "a_seconds_total{f=\n,} 1.000000 @2.500000");
  BOOST_REQUIRE(parser.sample().exemplar);
  BOOST_TEST(parser.sample().exemplar->labels[0].value == "\"h");
  BOOST_TEST(parser.sample().exemplar->value == 3);
  BOOST_TEST(parser.sample().exemplar->timestamp.value() == 4.5);
  BOOST_TEST((parser.next() == ExpositionItem::end));
}

BOOST_AUTO_TEST_CASE(passing_a_bound_is_an_error) {
  ExpositionLimits limits;
  limits.bytes = 40;
  BOOST_TEST(parse(std::string(41, '\n'), prometheus, limits) == "1:1: expected at most 40 bytes");
  limits = {};
  limits.samples = 2;
  BOOST_TEST(parse("a 1\na 2\na 3\na 4\n", prometheus, limits) == "3:1: expected at most 2 samples");
  limits = {};
  limits.labels = 1;
  BOOST_TEST(parse("a{b=\"1\",c=\"2\"} 1\n", prometheus, limits) == "1:9: expected at most 1 labels");
  limits = {};
  limits.name_bytes = 2;
  BOOST_TEST(parse("abc 1\n", prometheus, limits) == "1:1: expected a metric name of at most 2 bytes");
  BOOST_TEST(parse("a{abc=\"1\"} 1\n", prometheus, limits) == "1:3: expected a label name of at most 2 bytes");
  limits = {};
  limits.value_bytes = 2;
  BOOST_TEST(parse("a{b=\"123\"} 1\n", prometheus, limits) == "1:6: expected a label value of at most 2 bytes");
  BOOST_TEST(parse("# HELP a 123\n", prometheus, limits) == "1:10: expected a help text of at most 2 bytes");
}

BOOST_AUTO_TEST_CASE(checks_the_rules_of_the_prometheus_text_format) {
  const Case table[] = {
      {"a 1\n", "valid"},
      {"a 1", "1:4: expected a line feed after the last line"},
      {"# TYPE a counter\na -1\n", "valid"},
      {"a 1\na 2\n", "2:1: expected each series (name and labels) once"},
      {"a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 2\n", "2:1: expected each series (name and labels) once"},
      {"a 1\nb 1\na{c=\"d\"} 1\n", "3:1: expected all lines of a in one group and no other family's name: it was there before"},
      {"# TYPE a gauge\n# TYPE a gauge\na 1\n", "2:8: expected # TYPE once for a"},
      {"# HELP a b\n# HELP a b\na 1\n", "2:8: expected # HELP once for a"},
      {"a 1\n# TYPE a gauge\n", "2:8: expected # TYPE before the samples of a"},
      {"a 1\n# HELP a b\n", "valid"},
      {"# TYPE a histogram\na 1\n", "2:1: expected a sample of histogram a: a_bucket a_count a_sum"},
      {"# TYPE a histogram\na_bucket 1\na_bucket{le=\"+Inf\"} 1\n", "2:1: expected a label le"},
      {"# TYPE a histogram\na_bucket{le=\"x\"} 1\na_bucket{le=\"+Inf\"} 1\n", "2:10: expected a number as le"},
      {"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_count 1\n", "2:1: expected a bucket with le=\"+Inf\""},
      {"# TYPE a histogram\na_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\n", "3:1: expected buckets in ascending order of le"},
      {"# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n",
       "3:1: expected a cumulative bucket of at least 2, the value of the one before"},
      {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n", "2:1: expected the count to equal the bucket with le=\"+Inf\": 2 is not 1"},
      {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum{le=\"1\"} 1\na_count 1\n", "3:7: expected no label le here"},
      {"# TYPE a summary\na{quantile=\"2\"} 1\n", "2:3: expected a quantile from 0 to 1"},
      {"# TYPE a summary\na 1\n", "2:1: expected a label quantile"},
      {"a{b=\"\\z\"} 1\n", "1:6: expected \\\\, \\\" or \\n after a backslash"},
      {"# \xff\n", "1:3: expected valid UTF-8"},
  };
  for (const Case& row : table)
    BOOST_TEST(first_finding(row.text, prometheus) == row.expected, row.text << " gave " << first_finding(row.text, prometheus));
}

BOOST_AUTO_TEST_CASE(checks_openmetrics_beyond_the_projects_own_cases) {
  const Case table[] = {
      {"# TYPE a counter\na 1\n# EOF\n", "2:1: expected a sample of counter a: a_total a_created"},
      {"# TYPE a counter\na_created 1\n# EOF\n", "2:1: expected a _total with the counter's _created"},
      {"# TYPE a counter\na_total 1\na_created NaN\n# EOF\n", "3:11: expected a time in seconds as _created"},
      {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1.5\n# EOF\n", "2:21: expected a whole number as _bucket"},
      {"# TYPE a histogram\na_bucket{le=\"INF\"} 1\n# EOF\n", "2:10: expected +Inf as the last bucket's le"},
      {"a 1\na 2\n# EOF\n", "2:1: expected each series (name and labels) once"},
      {"a 1 1\na 2 1\n# EOF\n", "valid"},
      {"a{b=\"1\"} 1\na{b=\"2\"} 1\na{b=\"1\"} 1\n# EOF\n", "3:1: expected each series (name and labels) once"},
      {"# TYPE a gauge\na \xc0\x80\n# EOF\n", "2:3: expected valid UTF-8"},
      {"# TYPE a gauge\n# TYPE b gauge\nb 1\na 1\n# EOF\n",
       "4:1: expected all lines of a in one group and no other family's name: it was there before"},
      {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 2\n# TYPE a_sum gauge\na_sum 1\n# EOF\n",
       "5:1: expected all lines of a_sum in one group and no other family's name: it was there before"},
  };
  for (const Case& row : table)
    BOOST_TEST(first_finding(row.text, openmetrics) == row.expected, row.text << " gave " << first_finding(row.text, openmetrics));
}

BOOST_AUTO_TEST_CASE(lists_all_findings_in_order_up_to_a_bound) {
  const auto findings = check_exposition("a x\n# TYPE h histogram\nh_sum 1\nb y\n", prometheus);
  BOOST_REQUIRE(findings.size() == 3u);
  BOOST_TEST(findings[0].line == 1u);
  BOOST_TEST(findings[1].line == 3u);
  BOOST_TEST(findings[2].line == 4u);
  std::string many;
  for (int i = 0; i < 500; ++i) many += "?\n";
  BOOST_TEST(check_exposition(many, prometheus).size() == 100u);
}

BOOST_AUTO_TEST_CASE(agrees_on_the_dialect_by_content_type_and_by_text) {
  BOOST_TEST((dialect_of_content_type("application/openmetrics-text; version=1.0.0; charset=utf-8") == openmetrics));
  BOOST_TEST((dialect_of_content_type("Application/OpenMetrics-Text") == openmetrics));
  BOOST_TEST((dialect_of_content_type("text/plain; version=0.0.4") == prometheus));
  BOOST_TEST((dialect_of_content_type("application/openmetrics-texts") == prometheus));
  BOOST_TEST((dialect_of_content_type("") == prometheus));
  BOOST_TEST((dialect_of_text("a 1\n# EOF\n") == openmetrics));
  BOOST_TEST((dialect_of_text("# EOF") == openmetrics));
  BOOST_TEST((dialect_of_text("# EOF\na 1\n") == prometheus));
  BOOST_TEST((dialect_of_text("") == prometheus));
  BOOST_TEST(exposition_accept.starts_with("application/openmetrics-text;version=1.0.0"));
}

BOOST_AUTO_TEST_CASE(numbers_are_those_of_both_formats) {
  const std::pair<std::string_view, double> right[] = {
      {"0", 0}, {"-1", -1}, {"+1", 1}, {"1.5e3", 1500}, {"1e+05", 1e5}, {".5", .5}, {"5.", 5}, {"00001.2e-1", .12},
      {"9223372036854775808", 9223372036854775808.0}, {"inf", HUGE_VAL}, {"+Infinity", HUGE_VAL}, {"-INF", -HUGE_VAL},
      {"1e-400", 0}, {"0.00001e-330", 0}, {"0e999", 0}, {"1e-99999999999999999999", 0}, {"4.9e-324", 4.9e-324}};
  for (const auto& [text, value] : right) {
    BOOST_REQUIRE_MESSAGE(parse_number(text), text);
    BOOST_TEST(*parse_number(text) == value, text);
  }
  BOOST_TEST(std::isnan(parse_number("NaN").value()));
  BOOST_TEST(std::isnan(parse_number("nan").value()));
  for (const std::string_view text : {"", "+", "-", ".", "e5", "1e", "1e+", "+-1", "1.1.1", "0x1", "1_0", " 1", "1 ", "+nan", "nan(1)", "in", "infinit",
                                      "1e400", "1000e306", "1e99999999999999999999", "0b1"})
    BOOST_TEST(!parse_number(text), text);
}

BOOST_AUTO_TEST_CASE(finds_malformed_utf8) {
  for (const std::string_view text : {"", "abc", "\xc3\xa9", "\xe2\x98\xba", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
    BOOST_TEST(find_invalid_utf8(text) == std::string_view::npos);
  for (const std::string_view text : {"x\x80", "x\xc0\x80", "x\xc3", "x\xe0\x80\x80", "x\xed\xa0\x80", "x\xf0\x80\x80\x80", "x\xf4\x90\x80\x80", "x\xf8", "x\xe2\x98"})
    BOOST_TEST(find_invalid_utf8(text) == 1u);
  BOOST_TEST(count_code_points("\xe2\x98\xba" "abc") == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent
