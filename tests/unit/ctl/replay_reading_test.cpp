#include "ctl/replay_json.hpp"
#include "ctl/replay_text.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace charon;
using namespace charon::ctl;

namespace {

std::string matrix(std::string_view result) { return fmt::format(R"({{"status":"success","data":{{"resultType":"matrix","result":{}}}}})", result); }

std::string error_of(const Result<void>& result) { return result.has_error() ? result.error().context : ""; }

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_reading)

BOOST_AUTO_TEST_CASE(a_dump_written_series_by_series_becomes_pods_and_series) {
  const std::string text =
      "http_requests_total{code=\"200\",pod=\"a\",instance=\"1\",job=\"j\"} 5 1795428005.010\n"
      "http_requests_total{code=\"200\",pod=\"a\",instance=\"1\",job=\"j\"} 3 1795428000.010\n"
      "http_requests_total{code=\"500\",pod=\"a\",instance=\"1\",job=\"j\"} NaN 1795428000.010\n"
      "http_requests_total{code=\"200\",pod=\"b\",instance=\"2\",job=\"j\"} 7 1795428000.010\n"
      "process_start_time_seconds{pod=\"b\",instance=\"2\",job=\"j\",anything=\"else\"} 1795420000 1795428000.010\n# EOF\n";
  Recording recording;
  BOOST_REQUIRE(read_recorded_text(text, "x.om", recording).has_value());
  recording.finish();
  BOOST_REQUIRE(recording.targets().size() == 2U);
  const RecordedTarget& a = recording.targets()[0];
  BOOST_TEST(a.name == "a");
  BOOST_REQUIRE(a.series.size() == 2U);
  BOOST_REQUIRE(a.series[0].labels.size() == 1U);
  BOOST_TEST(a.series[0].labels[0].first == "code");
  BOOST_REQUIRE(a.series[0].points.size() == 2U);
  BOOST_TEST(a.series[0].points[0].value == 3);  // in the order of time
  BOOST_TEST(format_time(a.series[0].points[0].time) == "2026-11-23T10:00:00.010Z");
  BOOST_TEST(a.series[1].points.empty());  // NaN: staleness
  BOOST_TEST(recording.targets()[1].series[1].labels.empty());
}

BOOST_AUTO_TEST_CASE(types_of_an_exporters_text_are_kept_and_milliseconds_are_read) {
  Recording recording;
  BOOST_REQUIRE(read_recorded_text("# TYPE x_total counter\nx_total 1 1795428000010\n", "x.prom", recording).has_value());
  recording.finish();
  BOOST_TEST((recording.targets().at(0).series.at(0).type == agent::FamilyType::counter));
  BOOST_TEST(format_time(recording.targets()[0].series[0].points[0].time) == "2026-11-23T10:00:00.010Z");
}

BOOST_AUTO_TEST_CASE(prometheus_json_is_read_value_by_value) {
  const std::string text = matrix(R"([{"metric":{"__name__":"up","pod":"a","node":"n1"},"values":[[1795428000.781,"1"],[1795428005,"0"]]},)"
                                  R"({"metric":{"__name__":"go_goroutines","pod":"a"},"values":[[1795428000.781,"12.5"],[1795428005,"+Inf"]],"histograms":[[1,{"count":"1"}]]}])");
  Recording recording;
  const auto read = read_recorded_json(text, "x.json", recording);
  BOOST_TEST(error_of(read) == "");
  recording.finish();
  BOOST_REQUIRE(recording.targets().size() == 1U);
  BOOST_TEST(recording.targets()[0].node == "n1");
  BOOST_REQUIRE(recording.targets()[0].series.size() == 2U);
  BOOST_TEST(recording.targets()[0].series[0].points.at(1).value == 0);
  BOOST_TEST(format_time(recording.targets()[0].series[0].points.at(0).time) == "2026-11-23T10:00:00.781Z");
  BOOST_TEST(recording.targets()[0].series[1].points.at(0).value == 12.5);
}

BOOST_AUTO_TEST_CASE(overlapping_answers_count_each_point_once) {
  const std::string text = matrix(R"([{"metric":{"__name__":"up","pod":"a"},"values":[[1795428000,"1"],[1795428005,"1"]]}])");
  Recording recording;
  BOOST_REQUIRE(read_recorded_json(text, "x", recording).has_value());
  BOOST_REQUIRE(read_recorded_json(text, "y", recording).has_value());
  recording.finish();
  BOOST_TEST(recording.targets().at(0).series.at(0).points.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_with_its_place) {
  const struct { std::string text, expected; } json_cases[] = {
      {matrix(R"([{"metric":{"__name__":"x"},"values":[[1795428000,"1"],[1795428005,1]]}])"), "f: data.result[0].values[1][1]: expected a number in quotes"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":[[1795428000,"one"]]}])"), "f: data.result[0].values[0][1]: expected a number in quotes"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":[["1","1"]]}])"), "f: data.result[0].values[0][0]: expected [time, \"value\"]"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":[[-1,"1"]]}])"), "f: data.result[0].values[0][0]: expected a time"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":[[1795428000]]}])"), "f: data.result[0].values[0][1]: expected [time"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":[[1795428000,"1","2"]]}])"), "f: data.result[0].values[0][2]: expected [time"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":[1]}])"), "f: data.result[0].values[0]: expected series"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":{}}])"), "f: data.result[0].values: expected an array of points"},
      {matrix(R"([{"metric":{"__name__":"x"},"values":[[[1],"1"]]}])"), "f: data.result[0].values[0][0]: expected [time"},
      {matrix(R"([{"metric":{"pod":"a"},"values":[]}])"), "without __name__"},
      {matrix(R"([{"metric":{"__name__":1},"values":[]}])"), "f: data.result[0].metric.__name__: expected a string"},
      {matrix(R"([{"metric":"x","values":[]}])"), "f: data.result[0].metric: expected series"},
      {matrix(R"([{"values":[[1795428000,"1"]],"metric":{"__name__":"x"}}])"), "f: data.result[0].values: expected the series' metric before"},
      {matrix(R"([[]])"), "f: data.result[0]: expected an object"},
      {matrix("{}"), "f: data.result: expected an array of series"},
      {matrix("3"), "f: data.result: expected series"},
      {R"({"status":"success","data":{"resultType":"vector","result":[]}})", "resultType matrix"},
      {R"({"status":"error","errorType":"bad_data","error":"parse error at char 3"})", "parse error at char 3"},
      {R"({"status":"success"})", "expected the answer of Prometheus"},
      {"[]", "expected an object"},
      {matrix("[") + " ", "f: byte "},
      {matrix("[]") + "x", "expected the end of the file"},
      {R"({"a":)" + std::string(40, '[') , "nested too deeply"},
  };
  for (const auto& test : json_cases) BOOST_TEST_CONTEXT(test.text) {
    Recording recording;
    const std::string error = error_of(read_recorded_json(test.text, "f", recording));
    BOOST_TEST(error.find(test.expected) != std::string::npos, error);
  }
  const struct { std::string text, expected; } text_cases[] = {
      {"a 1 1795428000\nb 2\n# EOF\n", "f:2: b has no timestamp"},
      {"a 1 1795428000\nb{ 2 3\n# EOF\n", "f:2:"},
      {"a 1 1e18\n# EOF\n", "f:1: timestamp 1e18 is not between"},
  };
  for (const auto& test : text_cases) BOOST_TEST_CONTEXT(test.text) {
    Recording recording;
    const std::string error = error_of(read_recorded_text(test.text, "f", recording));
    BOOST_TEST(error.find(test.expected) != std::string::npos, error);
  }
}

BOOST_AUTO_TEST_CASE(seconds_without_an_end_are_refused_and_the_error_names_it) {
  for (const std::string text : {"a 1 1795428000\n", "a 1 1795428000.250\n", "a 1 1.795428e9\n", "a 1 0\n", "a 1 1795428000010\na 2 1795428005\n", "a 1 1795428000 # {trace_id=\"1\"} 1\n",
                                "a 1 1795428000\n# EOF\nb 1 1795428000\n", "a 1 1795428000.25\n# EO"}) BOOST_TEST_CONTEXT(text) {
    Recording recording;
    const std::string error = error_of(read_recorded_text(text, "f", recording));
    BOOST_TEST(error.find("# EOF") != std::string::npos, error);
  }
  Recording recording;
  BOOST_TEST(error_of(read_recorded_text("a 1 1795428000\n# EOF\n\nb 1 1795428000\n", "f", recording)).starts_with("f:4: "));
}

BOOST_AUTO_TEST_CASE(joined_dumps_and_other_line_ends_are_read_whole) {
  const std::string a = "a_total 1 1795428000.250\na_total 2 1795428005\n# EOF\n", b = "# TYPE b gauge\nb 1 1795428000\n# EOF\n", text_format = "# TYPE b gauge\nb 1 1795428000000\n";
  const auto crlf = [](std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.insert(at, 1, '\r');
    return text;
  };
  for (const std::string& text : {a + b, a + "\n" + b, "\n" + a + b + "\n\n", a + " \t\n" + b + " ", a + b.substr(0, b.size() - 1), a + text_format, a + a + b, crlf(a + b), crlf(a + "\n" + b + "\n"), crlf(a + text_format)})
    BOOST_TEST_CONTEXT(text) {
      Recording recording;
      BOOST_TEST(error_of(read_recorded_text(text, "f", recording)) == "");
      recording.finish();
      BOOST_REQUIRE(recording.targets().size() == 1U);
      BOOST_REQUIRE(recording.targets()[0].series.size() == 2U);
      BOOST_TEST(recording.targets()[0].series[0].points.size() == 2U);
      BOOST_TEST((recording.targets()[0].series[1].type == agent::FamilyType::gauge));
      BOOST_TEST(format_time(recording.targets()[0].series[1].points.at(0).time) == "2026-11-23T10:00:00.000Z");
    }
  for (const std::string& text : {a + b + "c{ 1 2\n# EOF\n", a + "\n" + b.substr(b.find('\n') + 1) + "c{ 1 2\n# EOF\n", crlf(a + b + "c{ 1 2\n# EOF\n")}) BOOST_TEST_CONTEXT(text) {
    Recording recording;
    BOOST_TEST(error_of(read_recorded_text(text, "f", recording)).starts_with("f:7:"));  // counted from the file's first line
  }
}

BOOST_AUTO_TEST_CASE(bounds_are_errors_with_their_place) {
  {
    Recording recording({.series = 1});
    const auto read = read_recorded_text("a 1 1795428000\nb 1 1795428000\n# EOF\n", "f", recording);
    BOOST_REQUIRE(read.has_error());
    BOOST_TEST(read.error().is(Errc::too_large));
    BOOST_TEST(read.error().context.starts_with("f:2: more than 1 series"));
  }
  {
    RecordingLimits limits;
    limits.points = 1;
    Recording recording(limits);
    const auto read = read_recorded_json(matrix(R"([{"metric":{"__name__":"x"},"values":[[1795428000,"1"],[1795428005,"1"]]}])"), "f", recording);
    BOOST_REQUIRE(read.has_error());
    BOOST_TEST(read.error().is(Errc::too_large));
    BOOST_TEST(read.error().context.starts_with("f: data.result[0].values[1][1]: more than 1 samples"));
  }
}

BOOST_AUTO_TEST_CASE(two_containers_of_one_pod_are_two_targets) {
  Recording recording;
  BOOST_REQUIRE(read_recorded_text("a{pod=\"p\",container=\"x\"} 1 1795428000\na{pod=\"p\",container=\"y\"} 1 1795428000\n# EOF\n", "f", recording).has_value());
  recording.finish();
  BOOST_REQUIRE(recording.targets().size() == 2U);
  BOOST_TEST(recording.targets()[0].name != recording.targets()[1].name);
}

BOOST_AUTO_TEST_SUITE_END()
