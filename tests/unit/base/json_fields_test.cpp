#include "lib/base/json_fields.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using charon::EnumNames;
using charon::Same;

enum class Colour { red, blue };
constexpr EnumNames<Colour, 2> names_of(Colour) { return {{{Colour::red, "red"}, {Colour::blue, "blue"}}}; }

struct Part {
  std::string name;
  std::uint8_t size = 0;
};
template <class V, Same<Part> S>
void fields(V& v, S& s) {
  v("name", s.name);
  v("size", s.size);
}

struct Whole {
  bool flag = true;
  std::int64_t number = -7;
  double share = 0.5;
  std::string text = "default";
  Colour colour = Colour::blue;
  charon::PodUid uid{"u"};
  charon::Time when{charon::Duration{1'000}};
  charon::Duration wait{90'000};
  std::optional<std::string> maybe;
  std::vector<Part> parts;
  std::map<std::string, double> shares;
  boost::json::value any;
  boost::json::object object;
};
template <class V, Same<Whole> S>
void fields(V& v, S& s) {
  v("flag", s.flag);
  v("number", s.number);
  v("share", s.share);
  v("text", s.text);
  v("colour", s.colour);
  v("uid", s.uid);
  v("when", s.when);
  v("wait", s.wait);
  v("maybe", s.maybe);
  v("parts", s.parts);
  v("shares", s.shares);
  v("any", s.any);
  v("object", s.object);
}

}  // namespace

using namespace charon;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(json_fields)

BOOST_AUTO_TEST_CASE(writes_every_field_under_its_name) {
  Whole whole;
  whole.parts = {{"a", 255}};
  whole.shares = {{"x", 0.25}};
  BOOST_TEST(json::serialize(to_json(whole)) ==
             R"({"flag":true,"number":-7,"share":5E-1,"text":"default","colour":"blue","uid":"u","when":"1970-01-01T00:00:01.000Z","wait":"1m30s",)"
             R"("parts":[{"name":"a","size":255}],"shares":{"x":2.5E-1},"any":null,"object":{}})");
  whole.maybe = "here";
  BOOST_TEST(to_json(whole).at("maybe").as_string() == "here");
}

BOOST_AUTO_TEST_CASE(reads_back_what_it_wrote) {
  Whole whole;
  whole.flag = false;
  whole.number = std::numeric_limits<std::int64_t>::min();
  whole.share = 0.1;
  whole.text = "\xc3\xa4\n\"";
  whole.colour = Colour::red;
  whole.maybe = "";
  whole.parts = {{"a", 1}, {"b", 2}};
  whole.shares = {{"", 1}, {"y", 1e300}};
  whole.any = json::array{1, "x"};
  const auto parsed = parse_json(json::serialize(to_json(whole)), 10'000);
  BOOST_REQUIRE(parsed);
  const auto read = from_json<Whole>(*parsed);
  BOOST_REQUIRE(read);
  BOOST_TEST((to_json(*read) == to_json(whole)));
  BOOST_TEST(read->share == 0.1);
  BOOST_TEST(read->maybe.has_value());
}

BOOST_AUTO_TEST_CASE(missing_null_and_unknown_fields_keep_defaults) {
  for (const std::string_view text : {"{}", R"({"number":null,"text":null,"parts":null,"maybe":null})", R"({"future":{"a":[1]}})"}) {
    const auto read = from_json<Whole>(json::parse(text));
    BOOST_REQUIRE_MESSAGE(read, text);
    BOOST_TEST(read->number == -7);
    BOOST_TEST(read->text == "default");
    BOOST_TEST(!read->maybe);
  }
}

BOOST_AUTO_TEST_CASE(errors_name_the_path) {
  struct Case {
    std::string_view text, message;
  };
  const Case cases[] = {
      {"[]", "expected a JSON object"},
      {R"({"flag":1})", "flag: expected true or false"},
      {R"({"number":"1"})", "number: expected a whole number in range"},
      {R"({"number":1.5})", "number: expected a whole number in range"},
      {R"({"number":9223372036854775808})", "number: expected a whole number in range"},
      {R"({"share":"x"})", "share: expected a number"},
      {R"({"share":1e999})", "share: expected a number"},
      {R"({"text":1})", "text: expected a string"},
      {R"({"colour":"green"})", "colour: expected one of red blue"},
      {R"({"colour":0})", "colour: expected one of red blue"},
      {R"({"uid":1})", "uid: expected a string"},
      {R"({"when":"noon"})", "when: expected an RFC 3339 time"},
      {R"({"wait":5})", "wait: expected a duration such as 5s"},
      {R"({"maybe":1})", "maybe: expected a string"},
      {R"({"parts":{}})", "parts: expected an array"},
      {R"({"parts":[{"size":1},{"size":256}]})", "parts[1].size: expected a whole number in range"},
      {R"({"parts":[{"size":-1}]})", "parts[0].size: expected a whole number in range"},
      {R"({"parts":[1]})", "parts[0]: expected an object"},
      {R"({"shares":[1]})", "shares: expected an object"},
      {R"({"shares":{"x":{}}})", "shares.x: expected a number"},
      {R"({"object":[]})", "object: expected an object"},
  };
  for (const Case& c : cases) {
    const auto read = from_json<Whole>(json::parse(c.text));
    BOOST_REQUIRE_MESSAGE(!read, c.text);
    BOOST_TEST(read.error().is(Errc::invalid_input));
    BOOST_TEST(read.error().context == c.message);
  }
}

BOOST_AUTO_TEST_CASE(what_is_too_large_is_refused) {
  json::object big{{"text", std::string(max_string + 1, 'x')}};
  BOOST_TEST(from_json<Whole>(big).error().is(Errc::too_large));
  big = {{"text", std::string(max_string, 'x')}};
  BOOST_TEST(from_json<Whole>(big).has_value());
  json::array parts(max_elements, json::object{});
  BOOST_TEST(from_json<Whole>(json::object{{"parts", parts}}).has_value());
  parts.push_back(json::object{});
  BOOST_TEST(from_json<Whole>(json::object{{"parts", parts}}).error().is(Errc::too_large));
  json::object shares;
  for (std::size_t i = 0; i <= max_elements; ++i) shares.emplace(std::to_string(i), 1);
  BOOST_TEST(from_json<Whole>(json::object{{"shares", shares}}).error().is(Errc::too_large));
}

BOOST_AUTO_TEST_CASE(doubles_without_a_json_form_are_still_json) {
  Whole whole;
  whole.share = std::numeric_limits<double>::infinity();
  BOOST_TEST(from_json<Whole>(*parse_json(json::serialize(to_json(whole)), 10'000))->share == std::numeric_limits<double>::max());
  whole.share = -std::numeric_limits<double>::infinity();
  BOOST_TEST(from_json<Whole>(*parse_json(json::serialize(to_json(whole)), 10'000))->share == -std::numeric_limits<double>::max());
  whole.share = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(to_json(whole).at("share").is_null());
}

BOOST_AUTO_TEST_CASE(text_that_is_no_json_is_refused) {
  for (const std::string_view text : {"", "{", "{}x", "{'a':1}", "{\"a\":\"\xff\"}", "nan", "{\"a\":1,}", "// c\n{}"}) BOOST_TEST(parse_json(text, 100).error().is(Errc::invalid_input), text);
  BOOST_TEST(parse_json("[1,2]", 4).error().is(Errc::too_large));
  BOOST_TEST(parse_json("[1,2]", 5).has_value());
  BOOST_TEST(parse_json(std::string(32, '[') + std::string(32, ']'), 100).has_value());
  BOOST_TEST(parse_json(std::string(33, '[') + std::string(33, ']'), 100).error().is(Errc::invalid_input));
}

BOOST_AUTO_TEST_SUITE_END()
