#include "lib/kube/watch_state.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::kube;
namespace json = boost::json;

namespace {

json::object object(std::string_view name, std::string_view version, std::string_view uid = "u") {
  return {{"metadata", json::object{{"name", name}, {"namespace", "ns"}, {"uid", uid}, {"resourceVersion", version}}}};
}

json::object page(std::string_view version, std::vector<json::object> items, std::string_view next = {}) {
  json::array array(items.begin(), items.end());
  return {{"kind", "PodList"}, {"apiVersion", "v1"}, {"metadata", json::object{{"resourceVersion", version}, {"continue", next}}}, {"items", array}};
}

std::string event(std::string_view type, const json::object& object) { return json::serialize(json::object{{"type", type}, {"object", object}}); }
std::string error_event(unsigned code, std::string_view reason) {
  return event("ERROR", {{"kind", "Status"}, {"status", "Failure"}, {"message", "too old resource version"}, {"reason", reason}, {"code", code}});
}

/// "+web" upsert, "-web" removed, "." synced; with the uid where it is not "u".
std::string text(const WatchState::Changes& changes) {
  std::string out;
  for (const WatchChange& change : changes) {
    if (!out.empty()) out += ' ';
    if (change.kind == WatchChange::Kind::synced) {
      out += '.';
      continue;
    }
    const json::object& metadata = change.object.at("metadata").as_object();
    out += (change.kind == WatchChange::Kind::upsert ? "+" : "-") + std::string(metadata.at("name").as_string());
    if (metadata.at("uid").as_string() != "u") out += "/" + std::string(metadata.at("uid").as_string());
  }
  return out;
}

/// "list <query>", "watch <version>", "wait <why>", "pause <why>".
std::string text(const WatchState::Action& action) {
  if (const auto* list = std::get_if<WatchState::List>(&action)) {
    const std::string query = list->request.target.substr(list->request.target.find('?') + 1);
    return "list " + query + (list->why.empty() ? "" : " because " + list->why);
  }
  if (const auto* watch = std::get_if<WatchState::Watch>(&action)) {
    const std::string& target = watch->request.target;
    const std::size_t at = target.find("resourceVersion=") + 16;
    return "watch " + target.substr(at, target.find('&', at) - at);
  }
  const auto& wait = std::get<WatchState::Wait>(action);
  return (wait.failed ? "wait " : "pause ") + wait.why;
}

WatchConfig config() {
  WatchConfig config;
  config.resource = pods;
  config.page = 4;
  return config;
}

/// After one list of `items` at version 10, ready to watch.
WatchState synced(std::vector<json::object> items, WatchConfig of = config()) {
  WatchState state(std::move(of), 1);
  BOOST_TEST(text(state.next()).starts_with("list "));
  state.listed(page("10", std::move(items)));
  return state;
}

const Result<HttpResponse> served = HttpResponse{200, {}, {}};

}  // namespace

BOOST_AUTO_TEST_SUITE(kube_watch_state)

BOOST_AUTO_TEST_CASE(lists_in_pages_then_watches_from_the_lists_version) {
  WatchState state(config(), 1);
  BOOST_TEST(text(state.next()) == "list limit=4");
  BOOST_TEST(text(state.listed(page("10", {object("a", "1"), object("b", "2")}, "next=1"))) == "+a +b");
  BOOST_TEST(text(state.next()) == "list limit=4&continue=next%3D1");
  BOOST_TEST(text(state.listed(page("10", {object("c", "3")}))) == "+c .");
  const auto action = state.next();
  BOOST_TEST(text(action) == "watch 10");
  const std::string& target = std::get<WatchState::Watch>(action).request.target;
  BOOST_TEST(target.find("allowWatchBookmarks=true") != std::string::npos);
  const auto timeout = std::stoi(target.substr(target.find("timeoutSeconds=") + 15));
  BOOST_TEST((timeout >= 300 && timeout <= 601));
  BOOST_TEST(state.size() == 3U);
}

BOOST_AUTO_TEST_CASE(an_empty_list_is_synced) {
  WatchState state(config(), 1);
  state.next();
  BOOST_TEST(text(state.listed(page("10", {}))) == ".");
  json::object null_items = page("10", {});
  null_items["items"] = nullptr;  // as Go writes an empty slice
  WatchState other(config(), 1);
  other.next();
  BOOST_TEST(text(other.listed(null_items)) == ".");
}

BOOST_AUTO_TEST_CASE(listed_items_look_like_watched_ones) {
  WatchState state(config(), 1);
  state.next();
  const auto changes = state.listed(page("10", {object("a", "1")}));
  BOOST_TEST(changes[0].object.at("kind").as_string() == "Pod");
  BOOST_TEST(changes[0].object.at("apiVersion").as_string() == "v1");
}

BOOST_AUTO_TEST_CASE(follows_events_and_resumes_at_the_last_version) {
  WatchState state = synced({object("a", "1")});
  state.next();
  BOOST_TEST(text(state.line(event("ADDED", object("b", "11")))) == "+b");
  BOOST_TEST(text(state.line(event("MODIFIED", object("a", "12")))) == "+a");
  BOOST_TEST(text(state.line(event("DELETED", object("b", "13")))) == "-b");
  BOOST_TEST(text(state.line(event("DELETED", object("b", "14")))) == "");  // told once
  BOOST_TEST(text(state.line(event("BOOKMARK", {{"metadata", json::object{{"resourceVersion", "20"}}}}))) == "");
  BOOST_TEST(text(state.line("")) == "");
  BOOST_TEST(!state.done());
  state.ended(served);
  BOOST_TEST(text(state.next()) == "watch 20");
  BOOST_TEST(state.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_follows_the_end_of_a_watch) {
  struct Case {
    std::string_view name;
    bool heard;
    Result<HttpResponse> outcome;
    std::string_view first, second;
  };
  const std::string gone = R"({"kind":"Status","message":"too old","reason":"Expired","code":410})";
  const Case cases[] = {
      {"ended after events", true, served, "watch 11", ""},
      {"ended at once", false, served, "pause the watch ended without an event", "watch 10"},
      {"cut off after events", true, fail(Errc::unavailable, "reset"), "watch 11", ""},
      {"cannot connect", false, fail(Errc::unavailable, "refused"), "wait refused: unavailable", "watch 10"},
      {"silent for too long", true, fail(Errc::timeout, "idle"), "watch 11", ""},
      {"silent from the start", false, fail(Errc::timeout, "idle"), "watch 10", ""},
      {"an event too large", true, fail(Errc::too_large, "line"), "wait line: too large", "list limit=4"},
      {"410", false, HttpResponse{410, {}, gone}, "list limit=4 because API server: 410 Expired too old", ""},
      {"429", false, HttpResponse{429, {}, "busy"}, "wait API server: 429 busy: unavailable", "watch 10"},
      {"500", false, HttpResponse{500, {}, "etcd"}, "wait API server: 500 etcd: unavailable", "watch 10"},
      {"401", false, HttpResponse{401, {}, "no"}, "wait API server: 401 no: unauthorized", "watch 10"},
      {"403", false, HttpResponse{403, {}, "no"}, "wait API server: 403 no: forbidden", "watch 10"},
      {"404, the kind is gone", false, HttpResponse{404, {}, "no"}, "wait API server: 404 no", "list limit=4"},
      {"400, the version is refused", false, HttpResponse{400, {}, "no"}, "wait API server: 400 no", "list limit=4"},
  };
  for (const Case& c : cases) {
    WatchState state = synced({});
    BOOST_TEST(text(state.next()) == "watch 10");
    if (c.heard) state.line(event("ADDED", object("a", "11")));
    state.ended(c.outcome);
    BOOST_TEST(text(state.next()) == c.first, c.name);
    if (!c.second.empty()) BOOST_TEST(text(state.next()) == c.second, c.name);
  }
}

BOOST_AUTO_TEST_CASE(gone_in_an_event_lists_again_and_finds_what_was_removed) {
  WatchState state = synced({object("a", "1"), object("b", "2"), object("c", "3")});
  state.next();
  BOOST_TEST(text(state.line(error_event(410, "Expired"))) == "");
  BOOST_TEST(state.done());
  BOOST_TEST(text(state.line(event("ADDED", object("late", "12")))) == "");
  state.ended(served);
  BOOST_TEST(text(state.next()) == "list limit=4 because API server: 410 Expired too old resource version");
  BOOST_TEST(text(state.listed(page("30", {object("b", "2")}, "more"))) == "+b");
  state.next();
  const auto changes = state.listed(page("30", {object("d", "29")}));
  BOOST_TEST(changes.size() == 4U);
  BOOST_TEST(text(changes[0].kind == WatchChange::Kind::upsert ? WatchState::Changes{changes[0]} : WatchState::Changes{}) == "+d");
  std::vector<std::string> removed{text(WatchState::Changes{changes[1]}), text(WatchState::Changes{changes[2]})};
  std::sort(removed.begin(), removed.end());
  BOOST_TEST(removed == (std::vector<std::string>{"-a", "-c"}), boost::test_tools::per_element());
  BOOST_TEST(text(WatchState::Changes{changes[3]}) == ".");
  BOOST_TEST(text(state.next()) == "watch 30");
}

BOOST_AUTO_TEST_CASE(gone_after_every_list_is_not_asked_in_a_tight_loop) {
  WatchState state = synced({});
  state.next();
  state.line(error_event(410, "Expired"));
  state.ended(served);
  BOOST_TEST(text(state.next()).starts_with("list"));
  state.listed(page("11", {}));
  BOOST_TEST(text(state.next()) == "watch 11");
  state.line(error_event(410, "Expired"));
  BOOST_TEST(text(state.next()).starts_with("wait"));
  BOOST_TEST(text(state.next()) == "list limit=4");
  state.listed(page("12", {}));
  state.next();
  state.line(event("ADDED", object("a", "13")));  // it works again
  state.line(error_event(410, "Expired"));
  BOOST_TEST(text(state.next()).starts_with("list"));
}

BOOST_AUTO_TEST_CASE(other_error_events_back_off_and_list_again) {
  WatchState state = synced({object("a", "1")});
  state.next();
  state.line(error_event(500, "InternalError"));
  BOOST_TEST(text(state.next()) == "wait API server: 500 InternalError too old resource version");
  BOOST_TEST(text(state.next()) == "list limit=4");
}

BOOST_AUTO_TEST_CASE(an_unreadable_event_ends_the_watch_and_lists_again) {
  WatchConfig small = config();
  small.max_object_bytes = 512;
  const std::string long_name(600, 'x');
  for (const std::string& bad : {std::string("{"), std::string("[]"), std::string("{}"), event("ADDED", {}), event("SHRUNK", object("a", "1")), event("ADDED", object(long_name, "1")),
                                 std::string(R"({"type":"ADDED","object":7})"), std::string(100, '[')}) {
    WatchState state = synced({}, small);
    state.next();
    BOOST_TEST(text(state.line(bad)) == "");
    BOOST_TEST(state.done(), bad);
    state.ended(served);
    BOOST_TEST(text(state.next()).starts_with("wait watch event"), bad);
    BOOST_TEST(text(state.next()) == "list limit=4", bad);
  }
}

BOOST_AUTO_TEST_CASE(a_list_that_fails_goes_on_where_it_was) {
  struct Case {
    std::string_view name;
    Error error;
    std::string_view then;
  };
  const Case cases[] = {
      {"cut off", fail(Errc::unavailable, "x"), "list limit=4&continue=2"},
      {"timeout", fail(Errc::timeout, "x"), "list limit=4&continue=2"},
      {"forbidden", fail(Errc::forbidden, "x"), "list limit=4&continue=2"},
      {"continue token expired", fail(Errc::gone, "x"), "list limit=4"},
      {"refused", fail(Errc::rejected, "x"), "list limit=4"},
  };
  for (const Case& c : cases) {
    WatchState state(config(), 1);
    state.next();
    state.listed(page("10", {object("a", "1")}, "2"));
    state.next();
    BOOST_TEST(text(state.listed(c.error)) == "");
    BOOST_TEST(text(state.next()) == "wait " + c.error.message(), c.name);
    BOOST_TEST(text(state.next()) == c.then, c.name);
  }
}

BOOST_AUTO_TEST_CASE(a_restarted_list_forgets_what_only_its_first_try_saw) {
  WatchState state(config(), 1);
  state.next();
  state.listed(page("10", {object("a", "1")}, "2"));
  state.listed(fail(Errc::gone, "expired"));
  state.next();
  BOOST_TEST(text(state.listed(page("11", {object("b", "2")}))) == "+b -a .");
}

BOOST_AUTO_TEST_CASE(halves_a_page_that_is_too_large) {
  WatchState state(config(), 1);
  state.next();
  state.listed(page("10", {object("a", "1")}, "2"));
  state.listed(fail(Errc::too_large, "body"));
  BOOST_TEST(text(state.next()) == "list limit=2&continue=2");
  state.listed(fail(Errc::too_large, "body"));
  BOOST_TEST(text(state.next()) == "list limit=1&continue=2");
  state.listed(fail(Errc::too_large, "body"));
  BOOST_TEST(text(state.next()) == "wait body: too large");
  BOOST_TEST(text(state.next()) == "list limit=1&continue=2");
}

BOOST_AUTO_TEST_CASE(a_list_without_items_or_version_is_not_believed) {
  for (const std::string_view bad : {R"({"metadata":{"resourceVersion":"1"}})", R"({"items":[],"metadata":{}})", R"({"items":{},"metadata":{"resourceVersion":"1"}})"}) {
    WatchState state = synced({object("a", "1")});
    state.next();
    state.line(error_event(410, "Expired"));
    state.next();
    BOOST_TEST(text(state.listed(json::parse(bad).as_object())) == "", bad);
    BOOST_TEST(text(state.next()).starts_with("wait the list has no"), bad);
    BOOST_TEST(state.size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(an_object_reborn_under_its_name_is_removed_first) {
  WatchState state = synced({object("web-0", "1", "first")});
  state.next();
  state.line(error_event(410, "Expired"));
  state.next();
  BOOST_TEST(text(state.listed(page("30", {object("web-0", "29", "second")}))) == "-web-0/first +web-0/second .");
  state.next();
  BOOST_TEST(text(state.line(event("MODIFIED", object("web-0", "31", "third")))) == "-web-0/second +web-0/third");
}

BOOST_AUTO_TEST_CASE(keeps_only_the_reduced_object) {
  const auto whole = json::parse(R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"1","managedFields":[{"x":1}],"labels":{"l":"v"}},
    "spec":{"nodeName":"n1","containers":[{"name":"c"}]},"status":{"phase":"Running"}})").as_object();
  const auto expected = json::parse(R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"1","labels":{"l":"v"}},"spec":{"nodeName":"n1"}})");
  BOOST_TEST((json::value(reduce_object(whole)) == expected));

  WatchState state = synced({whole});
  state.next();
  state.line(error_event(410, "Expired"));
  state.next();
  const auto changes = state.listed(page("30", {}));
  BOOST_TEST(text(changes) == "-a .");
  BOOST_TEST((json::value(changes[0].object) == expected));
}

BOOST_AUTO_TEST_CASE(holds_at_most_its_bound_and_says_so_once) {
  WatchConfig small = config();
  small.max_objects = 2;
  WatchState state(small, 1);
  state.next();
  BOOST_TEST(text(state.listed(page("10", {object("a", "1"), object("b", "2"), object("c", "3"), object("d", "4")}))) == "+a +b .");
  BOOST_TEST(state.take_overflow());
  BOOST_TEST(!state.take_overflow());
  state.next();
  BOOST_TEST(text(state.line(event("ADDED", object("e", "11")))) == "");
  BOOST_TEST(!state.take_overflow());
  BOOST_TEST(text(state.line(event("DELETED", object("a", "12")))) == "-a");
  BOOST_TEST(text(state.line(event("MODIFIED", object("c", "13")))) == "+c");
}

BOOST_AUTO_TEST_CASE(waits_grow_up_to_thirty_seconds_and_start_over_when_it_works) {
  WatchState state = synced({});
  Duration longest{0};
  for (int i = 0; i < 12; ++i) {
    state.next();
    state.ended(fail(Errc::unavailable, "refused"));
    const auto wait = std::get<WatchState::Wait>(state.next());
    BOOST_TEST((wait.delay >= Duration{250} && wait.delay <= Duration{30'000}));
    longest = std::max(longest, wait.delay);
  }
  BOOST_TEST((longest > Duration{5'000}));
  state.next();
  state.line(event("ADDED", object("a", "11")));
  state.ended(served);
  state.next();
  state.ended(fail(Errc::unavailable, "refused"));
  BOOST_TEST((std::get<WatchState::Wait>(state.next()).delay <= Duration{500}));
}

BOOST_AUTO_TEST_SUITE_END()
