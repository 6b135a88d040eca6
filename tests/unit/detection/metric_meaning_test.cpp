#include "lib/detection/policy_meaning.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace charon;
using namespace charon::detection;
using wire::OverrideKind;

namespace {

constexpr FamilyType u = FamilyType::unknown, c = FamilyType::counter, g = FamilyType::gauge, h = FamilyType::histogram, s = FamilyType::summary;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

std::string types_text(const MetricRow& row) {
  std::string out;
  for (const char letter : row.types) {
    out += out.empty() ? "" : ", ";
    out += letter == 'c' ? "counter" : letter == 'g' ? "gauge" : letter == 'h' ? "histogram" : letter == 's' ? "summary" : "info";
  }
  return out + (row.unit.empty() ? "" : " of time");
}

std::string effect_text(const MetricMeaning& m) {
  if (m.kind == Kind::error_ratio) return fmt::format("{:g} of 100 requests", m.effect * 100);
  if (m.kind == Kind::restarts) return fmt::format("{:g} an hour", m.effect);
  return m.scale == Scale::ratio ? fmt::format("{:g}%", m.effect * 100) : fmt::format("{:g}", m.effect);
}

/// One line of docs/metrics.md.
std::string line(const MetricRow& row) {
  const MetricMeaning& m = row.meaning;
  const std::string names = "`" + replaced(std::string(row.pattern), "|", "` `") + "`";
  if (m.kind == Kind::ignored || m.kind == Kind::build_info || m.kind == Kind::process_start)
    return fmt::format("| {} | {} | {} | | | | | {} |\n", names, types_text(row), name_of(m.kind), row.source);
  return fmt::format("| {} | {} | {} | {} | {}{} | {:g} / {:g} | {} | {} |\n", names, types_text(row), name_of(m.kind),
                     m.direction == Direction::both ? "up or down" : name_of(m.direction), effect_text(m),
                     m.trend ? ", growth too" : m.by_age ? ", same age" : "", m.pod_spread, m.node_spread,
                     m.weight == 0 ? std::string("shown only") : fmt::format("{} {:g}{}", name_of(m.group), m.weight, m.decides ? ", decides" : ""), row.source);
}

MetricMeaning of(std::string_view family, FamilyType type = u, std::string_view unit = "") { return meaning_of(family, type, unit); }

}  // namespace

BOOST_AUTO_TEST_SUITE(metric_meaning)

BOOST_AUTO_TEST_CASE(well_known_names_are_read_as_what_they_are) {
  const struct { std::string_view family; FamilyType type; Kind kind; Group group; bool trend, by_age; } cases[] = {
      {"http_requests_total", c, Kind::error_ratio, Group::errors, false, false},
      {"http_requests", c, Kind::error_ratio, Group::errors, false, false},
      {"http_requests_received_total", c, Kind::error_ratio, Group::errors, false, false},
      {"grpc_server_handled_total", c, Kind::error_ratio, Group::errors, false, false},
      {"http_server_requests_seconds", s, Kind::latency, Group::latency, false, false},
      {"http_server_request_duration_seconds", h, Kind::latency, Group::latency, false, false},
      {"http_request_duration_seconds", h, Kind::latency, Group::latency, false, false},
      {"http_request_duration_seconds_bucket", u, Kind::latency, Group::latency, false, false},
      {"grpc_server_handling_seconds", h, Kind::latency, Group::latency, false, false},
      {"shop_checkout_latency_ms", h, Kind::latency, Group::latency, false, false},
      {"process_start_time_seconds", g, Kind::process_start, Group::restarts, false, false},
      {"myapp_process_start_time_seconds", g, Kind::process_start, Group::restarts, false, false},
      {"process_cpu_seconds_total", c, Kind::counter_rate, Group::rest, false, true},
      {"process_resident_memory_bytes", g, Kind::gauge, Group::rest, true, true},
      {"process_resident_memory_bytes", u, Kind::gauge, Group::rest, true, true},
      {"process_open_fds", g, Kind::gauge, Group::rest, true, true},
      {"go_goroutines", g, Kind::gauge, Group::rest, true, true},
      {"go_gc_duration_seconds", s, Kind::latency, Group::rest, false, true},
      {"jvm_memory_used_bytes", g, Kind::gauge, Group::rest, true, true},
      {"jvm_gc_pause_seconds", s, Kind::latency, Group::rest, false, true},
      {"jvm_threads_live_threads", g, Kind::gauge, Group::rest, true, true},
      {"nodejs_eventloop_lag_p99_seconds", g, Kind::gauge, Group::rest, false, false},
      {"nodejs_active_handles_total", g, Kind::gauge, Group::rest, true, true},
      {"nodejs_active_handles_total", u, Kind::gauge, Group::rest, true, true},
      {"dotnet_total_memory_bytes", g, Kind::gauge, Group::rest, true, true},
      {"dotnet_gc_pause_time_seconds_total", c, Kind::counter_rate, Group::rest, false, true},
      {"work_queue_length", g, Kind::gauge, Group::rest, false, false},
      {"page_cache_hit_ratio", g, Kind::gauge, Group::rest, false, true},
      {"worker_restarts_total", c, Kind::restarts, Group::restarts, false, false},
      {"db_query_duration_seconds", h, Kind::latency, Group::rest, false, false},
  };
  for (const auto& test : cases) {
    const MetricMeaning m = of(test.family, test.type);
    BOOST_TEST_CONTEXT(test.family) {
      BOOST_TEST(name_of(m.kind) == name_of(test.kind));
      BOOST_TEST(name_of(m.group) == name_of(test.group));
      BOOST_TEST(m.trend == test.trend);
      BOOST_TEST(m.by_age == test.by_age);
      BOOST_TEST(m.known);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_counter_and_a_gauge_of_one_stem_are_two_metrics) {
  BOOST_TEST((of("go_memstats_alloc_bytes_total", c).kind == Kind::counter_rate));
  BOOST_TEST((of("go_memstats_alloc_bytes_total", u).kind == Kind::counter_rate));
  BOOST_TEST((of("go_memstats_alloc_bytes", g).kind == Kind::ignored));  // heap_inuse says it better
}

BOOST_AUTO_TEST_CASE(what_is_not_of_the_requests_served_is_no_error_ratio) {
  for (const std::string_view name : {"http_client_requests_total", "promhttp_metric_handler_requests_total", "queue_requests_total", "upstream_request_total",
                                      "prometheus_scrape_requests_total", "process_requests_total", "nodejs_active_requests_total", "up", "scrape_duration_seconds"})
    BOOST_TEST_CONTEXT(name) BOOST_TEST((of(name, u).kind != Kind::error_ratio));
  for (const std::string_view name : {"http_client_request_duration_seconds", "exposer_request_latencies", "queue_latency_seconds", "http_request_size_bytes"})
    BOOST_TEST_CONTEXT(name) BOOST_TEST((of(name, h).group != Group::latency || of(name, h).kind == Kind::ignored));
  // A user may well have created a thousand of something.
  BOOST_TEST((of("users_created_total", c).kind == Kind::counter_rate));
}

BOOST_AUTO_TEST_CASE(unknown_metrics_are_watched_and_have_no_part) {
  for (const FamilyType type : {u, c, g, h, s, FamilyType::info, FamilyType::state_set, FamilyType::gauge_histogram}) {
    const MetricMeaning m = of("flux_capacitor_charge", type);
    BOOST_TEST(!m.known);
    BOOST_TEST(m.weight == 0);
    BOOST_TEST(!m.decides);
  }
  BOOST_TEST((of("flux_total", u).kind == Kind::counter_rate));
  BOOST_TEST((of("flux_seconds", h).kind == Kind::latency));
  BOOST_TEST((of("flux_things", h).kind == Kind::gauge));
}

BOOST_AUTO_TEST_CASE(parts_of_an_untyped_distribution_are_no_levels) {
  BOOST_TEST((of("http_request_duration_seconds_count").kind == Kind::ignored));
  BOOST_TEST((of("flux_sum").kind == Kind::ignored));
  BOOST_TEST((of("jvm_thread_count").kind == Kind::gauge));  // a gauge of that name
  BOOST_TEST((of("flux_count", g).kind == Kind::gauge));
}

BOOST_AUTO_TEST_CASE(the_unit_of_the_exposition_beats_the_names_ending) {
  BOOST_TEST((of("shop_request_time", h).kind == Kind::gauge));
  BOOST_TEST((of("shop_request_time", h, "seconds").group == Group::latency));
  BOOST_TEST((of("shop_request_seconds", h, "bytes").group == Group::rest));
}

BOOST_AUTO_TEST_CASE(patterns_take_stars_marks_and_alternatives) {
  BOOST_TEST(fits("*_queue_*|up", "up"));
  BOOST_TEST(fits("*_queue_*|up", "a_queue_queue_b"));
  BOOST_TEST(!fits("*_queue_*|up", "ups"));
  BOOST_TEST(fits("a?c*", "abcabc"));
  BOOST_TEST(!fits("a?c", "ac"));
  BOOST_TEST(fits("*", ""));
  BOOST_TEST(fits("*ab*ab", "abxabxab"));
  BOOST_TEST(!fits("", "a"));
}

BOOST_AUTO_TEST_CASE(every_row_can_be_reached_and_makes_sense) {
  for (const MetricRow& row : metric_table()) BOOST_TEST_CONTEXT(row.pattern) {
    const MetricMeaning& m = row.meaning;
    BOOST_TEST(!row.source.empty());
    BOOST_TEST(m.known);
    BOOST_TEST(row.types.find_first_not_of("cghsi") == std::string_view::npos);
    if (m.weight > 0) BOOST_TEST(m.effect > 0);
    BOOST_TEST(m.decides == (m.group != Group::rest && m.weight > 0));
    BOOST_TEST((m.pod_spread >= 0 && m.pod_spread < 1 && m.node_spread < 1));
    // A name without a wildcard finds its own row, not an earlier one.
    std::string_view names = row.pattern;
    while (!names.empty()) {
      const std::string name(names.substr(0, names.find('|')));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      if (name.find('*') != std::string::npos) continue;
      const char letter = row.types.empty() ? 'g' : row.types.front();
      BOOST_TEST_CONTEXT(name) BOOST_TEST((of(name, letter == 'c' ? c : letter == 'h' ? h : letter == 's' ? s : letter == 'i' ? FamilyType::info : g) == m));
    }
  }
}

BOOST_AUTO_TEST_CASE(overrides_change_what_they_name) {
  MetricOverride change;
  change.pattern = "flux_*";
  change.direction = Direction::down;
  change.effect = 0.1;
  change.critical = true;
  const auto m = apply(change, of("flux_level", g));
  BOOST_REQUIRE(m.has_value());
  BOOST_TEST((m->direction == Direction::down));
  BOOST_TEST(m->effect == 0.1);
  BOOST_TEST((m->known && m->named && m->critical && m->decides));
  BOOST_TEST(m->weight == 1);

  MetricOverride as_errors;
  as_errors.pattern = "flux_total";
  as_errors.kind = OverrideKind::error_ratio;
  as_errors.effect = 0.05;
  const auto errors = apply(as_errors, of("flux_total", c));
  BOOST_TEST((errors->group == Group::errors && errors->scale == Scale::absolute && errors->share_effect == 0.05));

  MetricOverride on;
  on.pattern = "go_memstats_sys_bytes";
  on.ignore = false;
  on.kind = OverrideKind::gauge;
  on.weight = 1;
  on.effect = 0.3;
  const auto judged = apply(on, of("go_memstats_sys_bytes", g));
  BOOST_TEST((judged->kind == Kind::gauge && judged->weight == 1 && judged->pod_spread > 0));

  MetricOverride slow;
  slow.pattern = "db_query_duration_seconds";
  slow.kind = OverrideKind::latency;
  slow.scale = Scale::absolute;
  slow.effect = 0.05;
  const auto queries = apply(slow, of("db_query_duration_seconds", h));
  BOOST_TEST((queries->group == Group::latency && queries->scale == Scale::ratio && queries->share_effect == 0.05));
}

BOOST_AUTO_TEST_CASE(an_unknown_metric_has_a_part_as_soon_as_the_policy_says_how_to_read_it) {
  const struct { std::optional<OverrideKind> kind; std::optional<Direction> direction; std::optional<double> weight, effect; bool named; double part; } cases[] = {
      {OverrideKind::gauge, Direction::up, {}, {}, true, 1},
      {OverrideKind::gauge, {}, {}, {}, false, 0},          // which way is worse nobody said
      {{}, Direction::up, {}, {}, false, 0},
      {OverrideKind::error_ratio, {}, {}, {}, true, 1},     // more errors are always worse
      {OverrideKind::restarts, {}, {}, {}, true, 1},
      {{}, {}, 3.0, {}, true, 3},
      {OverrideKind::gauge, Direction::up, 0.0, {}, false, 0},
      {{}, {}, {}, 0.3, false, 0},
  };
  for (const auto& test : cases) {
    MetricOverride change;
    change.pattern = "flux";
    change.kind = test.kind;
    change.direction = test.direction;
    change.weight = test.weight;
    change.effect = test.effect;
    const auto m = apply(change, of("flux", test.kind == OverrideKind::gauge || !test.kind ? g : c));
    BOOST_REQUIRE(m.has_value());
    BOOST_TEST((m->named == test.named && m->known == test.named && m->weight == test.part), name_of(m->kind) << " " << m->weight);
  }
}

BOOST_AUTO_TEST_CASE(the_first_entry_that_fits_holds) {
  MetricOverride off, other, unfit;
  off.pattern = "http_requests_total";
  off.ignore = true;
  other.pattern = "http_*";
  other.weight = 5;
  unfit.pattern = "grpc_*";
  unfit.direction = Direction::down;
  const PolicyMeanings policy({off, other, unfit});
  const PolicyMeaning ignored = policy.of("http_requests_total", c), weighed = policy.of("http_requests_received_total", c);
  BOOST_TEST((ignored.standing == Standing::ignored && ignored.meaning == of("http_requests_total", c)));  // still counted
  BOOST_TEST((weighed.standing == Standing::as_known && weighed.meaning.weight == 5));
  BOOST_TEST((policy.of("grpc_server_handled_total", c).standing == Standing::unfit));
  MetricOverride latency;
  latency.pattern = "flux*";
  latency.kind = OverrideKind::latency;
  for (const FamilyType type : {u, c, g, h, s})
    BOOST_TEST(((PolicyMeanings({latency}).of("flux", type).standing == Standing::unfit) == (type != h && type != s)));
  BOOST_TEST((policy.of("grpc_server_in_flight", g).standing == Standing::as_known));
  BOOST_TEST((policy.of("process_open_fds", g) == PolicyMeaning{of("process_open_fds", g), Standing::as_known}));
}

BOOST_AUTO_TEST_CASE(overrides_match_with_and_without_the_counters_suffix) {
  MetricOverride change;
  for (const std::string_view pattern : {"flux", "flux_total", "fl*", "fl?x"}) {
    change.pattern = pattern;
    BOOST_TEST(matches(change, "flux_total"));
    BOOST_TEST(matches(change, "flux"));
    BOOST_TEST(!matches(change, "reflux"));
  }
}

BOOST_AUTO_TEST_CASE(bad_overrides_are_refused_by_field) {
  const MetricMeaning gauge = of("process_open_fds", g), errors = of("http_requests_total", c), ignored = of("go_memstats_sys_bytes", g), latency = of("http_request_duration_seconds", h);
  const auto refused = [](const MetricMeaning& on, std::string_view field, auto&& set) {
    MetricOverride change;
    change.pattern = "x";
    set(change);
    const auto result = apply(change, on);
    BOOST_TEST_CONTEXT(field) {
      BOOST_REQUIRE(result.has_error());
      BOOST_TEST(result.error().context.find(field) != std::string::npos);
      BOOST_TEST(result.error().is(Errc::invalid_input));
    }
  };
  refused(gauge, "name", [](auto& o) { o.pattern = ""; });
  refused(gauge, "name", [](auto& o) { o.pattern = "a b"; });
  refused(gauge, "name", [](auto& o) { o.pattern = std::string(257, 'a'); });
  refused(gauge, "direction", [](auto& o) { o.kind = OverrideKind::restarts, o.direction = Direction::both; });
  refused(errors, "direction", [](auto& o) { o.direction = Direction::down; });
  refused(latency, "a share of requests", [](auto& o) { o.scale = Scale::absolute; });
  refused(latency, "at most 1", [](auto& o) { o.scale = Scale::absolute, o.effect = 2; });
  refused(gauge, "effect", [](auto& o) { o.effect = 0; });
  refused(gauge, "effect", [](auto& o) { o.effect = std::nan(""); });
  refused(gauge, "effect", [](auto& o) { o.effect = 101; });
  refused(errors, "effect", [](auto& o) { o.effect = 1.5; });
  refused(gauge, "weight", [](auto& o) { o.weight = -1; });
  refused(gauge, "weight", [](auto& o) { o.weight = 0, o.critical = true; });
  refused(gauge, "critical", [](auto& o) { o.critical = true, o.ignore = true; });
  refused(errors, "scale", [](auto& o) { o.scale = Scale::ratio; });
  refused(gauge, "effect", [](auto& o) { o.scale = Scale::absolute; });
  refused(ignored, "kind", [](auto& o) { o.ignore = false; });
  refused(ignored, "kind", [](auto& o) { o.weight = 1; });
}

/// CHARON_WRITE_DOCS=1 writes the page's table anew.
BOOST_AUTO_TEST_CASE(the_users_page_shows_this_very_table) {
  const std::string path = "docs/metrics.md", begin = "<!-- table: written from lib/detection/metric_table.cpp -->\n", end = "<!-- end of table -->\n";
  std::ifstream in(path, std::ios::binary);
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const std::size_t from = page.find(begin), to = page.find(end);
  BOOST_REQUIRE((from != std::string::npos && to != std::string::npos && from < to));
  std::string table = "| metrics | type | read as | worse when | matters from | prior spread of pods / nodes | part in the verdict | who writes it |\n|---|---|---|---|---|---|---|---|\n";
  for (const MetricRow& row : metric_table()) table += line(row);
  const std::size_t start = from + begin.size();
  if (std::getenv("CHARON_WRITE_DOCS")) {
    in.close();
    std::ofstream(path, std::ios::binary) << page.substr(0, start) << table << page.substr(to);
    return;
  }
  BOOST_TEST(page.substr(start, to - start) == table, "docs/metrics.md is not the table of the code: run unit_detection with CHARON_WRITE_DOCS=1");
}

BOOST_AUTO_TEST_SUITE_END()
