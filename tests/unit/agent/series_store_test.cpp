#include "agent/core/series_store.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace charon::agent;

BOOST_AUTO_TEST_SUITE(series_store)

BOOST_AUTO_TEST_CASE(a_series_is_its_name_and_label_set_in_any_order) {
  const LabelView ab[] = {{"a", "1"}, {"b", "2"}}, ba[] = {{"b", "2"}, {"a", "1"}}, swapped[] = {{"a", "2"}, {"b", "1"}}, shifted[] = {{"a", "1b"}, {"", "2"}};
  BOOST_TEST((series_key("x", ab) == series_key("x", ba)));
  BOOST_TEST((series_key("x", ab) != series_key("x", swapped)));
  BOOST_TEST((series_key("x", ab) != series_key("x", shifted)));
  BOOST_TEST((series_key("x", ab) != series_key("y", ab)));
  BOOST_TEST((series_key("x", {}) != series_key("", {})));
}

BOOST_AUTO_TEST_CASE(many_similar_series_have_keys_of_their_own) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> keys;
  for (int i = 0; i < 20'000; ++i) {
    const std::string path = "/item/" + std::to_string(i % 200), code = std::to_string(i / 200);
    const LabelView labels[] = {{"path", path}, {"code", code}};
    const SeriesKey key = series_key("http_requests_total", labels);
    keys.emplace(key.high, key.low);
  }
  BOOST_TEST(keys.size() == 20'000U);
}

BOOST_AUTO_TEST_CASE(finds_what_was_added_and_refuses_beyond_its_bound) {
  SeriesStore store(100);
  for (int i = 0; i < 150; ++i) {
    const std::string value = std::to_string(i);
    const LabelView labels[] = {{"i", value}};
    const SeriesKey key = series_key("x", labels);
    BOOST_TEST(store.find(key) == nullptr);
    Series* added = store.add(key);
    BOOST_TEST((added != nullptr) == (i < 100));
    if (added) added->value = i;
  }
  BOOST_TEST(store.size() == 100U);
  const LabelView labels[] = {{"i", "42"}};
  BOOST_TEST_REQUIRE(store.find(series_key("x", labels)) != nullptr);
  BOOST_TEST(store.find(series_key("x", labels))->value == 42);
}

BOOST_AUTO_TEST_SUITE_END()
