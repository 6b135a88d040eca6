#include "lib/base/json_patch.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(json_patch)

BOOST_AUTO_TEST_CASE(escapes_pointers) {
  BOOST_TEST(json_pointer({}) == "");
  BOOST_TEST(json_pointer({"metadata", "annotations", "charon.dev/st~atus"}) == "/metadata/annotations/charon.dev~1st~0atus");
  BOOST_TEST(json_pointer({"~1"}) == "/~01");
  BOOST_TEST(json_pointer(json_pointer({"spec", "containers"}), 0) == "/spec/containers/0");
  BOOST_TEST(json_pointer(std::string("/a"), "b/c") == "/a/b~1c");
  BOOST_TEST(json_pointer({""}) == "/");
}

BOOST_AUTO_TEST_CASE(built_operations_do_what_they_say) {
  JsonPatch patch;
  BOOST_TEST(patch.empty());
  patch.test(json_pointer({"a"}), 1).add(json_pointer({"b"}), json::object{}).add(json_pointer({"b", "x/y"}), "v").replace(json_pointer({"a"}), 2).remove(json_pointer({"gone"}));
  const auto result = apply_patch(json::parse(R"({"a":1,"gone":true})"), patch.operations());
  BOOST_REQUIRE(result);
  BOOST_TEST(json::serialize(*result) == json::serialize(json::parse(R"({"a":2,"b":{"x/y":"v"}})")));
  BOOST_TEST(json::serialize(patch.operations()[2]) == R"({"op":"add","path":"/b/x~1y","value":"v"})");
}

// RFC 6902, appendix A, and what RFC 6901 says of pointers.
BOOST_AUTO_TEST_CASE(applies_the_cases_of_rfc_6902) {
  struct Case {
    std::string_view name, document, patch, expected;
  };
  const Case cases[] = {
      {"A.1 add an object member", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])", R"({"baz":"qux","foo":"bar"})"},
      {"A.2 add an array element", R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])", R"({"foo":["bar","qux","baz"]})"},
      {"A.3 remove a member", R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
      {"A.4 remove an element", R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])", R"({"foo":["bar","baz"]})"},
      {"A.5 replace", R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])", R"({"baz":"boo","foo":"bar"})"},
      {"A.6 move", R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})", R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {"A.7 move an element", R"({"foo":["all","grass","cows","eat"]})", R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])", R"({"foo":["all","cows","eat","grass"]})"},
      {"A.8 test", R"({"baz":"qux","foo":["a",2,"c"]})", R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {"A.10 add a nested object", R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])", R"({"foo":"bar","child":{"grandchild":{}}})"},
      {"A.11 ignore unknown members", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])", R"({"foo":"bar","baz":"qux"})"},
      {"A.14 escapes", R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
      {"A.16 append", R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])", R"({"foo":["bar",["abc","def"]]})"},
      {"copy", R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/d","value":2}])", R"({"a":{"b":1},"c":{"b":1,"d":2}})"},
      {"add replaces a member", R"({"a":1})", R"([{"op":"add","path":"/a","value":null}])", R"({"a":null})"},
      {"the whole document", R"({"a":1})", R"([{"op":"replace","path":"","value":[1]}])", R"([1])"},
      {"numbers by value", R"({"a":1})", R"([{"op":"test","path":"/a","value":1.0}])", R"({"a":1})"},
      {"objects without order", R"({"a":{"x":1,"y":[2]}})", R"([{"op":"test","path":"/a","value":{"y":[2],"x":1}}])", R"({"a":{"x":1,"y":[2]}})"},
      {"move onto itself", R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])", R"({"a":1})"},
  };
  for (const Case& c : cases) {
    const auto result = apply_patch(json::parse(c.document), json::parse(c.patch).as_array());
    BOOST_REQUIRE_MESSAGE(result, c.name << ": " << (result ? "" : result.error().message()));
    BOOST_TEST((*result == json::parse(c.expected)), c.name << ": " << json::serialize(*result));
  }
}

BOOST_AUTO_TEST_CASE(names_what_cannot_be_applied) {
  struct Case {
    std::string_view name, document, patch;
    Errc code;
  };
  const Case cases[] = {
      {"A.9 test fails", R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])", Errc::rejected},
      {"A.12 no parent", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])", Errc::not_found},
      {"A.15 string is no number", R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])", Errc::rejected},
      {"remove nothing", R"({})", R"([{"op":"remove","path":"/a"}])", Errc::not_found},
      {"replace nothing", R"({})", R"([{"op":"replace","path":"/a","value":1}])", Errc::not_found},
      {"index past the end", R"([1])", R"([{"op":"add","path":"/2","value":1}])", Errc::not_found},
      {"index with a leading zero", R"([1,2])", R"([{"op":"remove","path":"/01"}])", Errc::not_found},
      {"dash names no element", R"([1])", R"([{"op":"remove","path":"/-"}])", Errc::not_found},
      {"not a pointer", R"({})", R"([{"op":"add","path":"a","value":1}])", Errc::invalid_input},
      {"bad escape", R"({})", R"([{"op":"add","path":"/~2","value":1}])", Errc::invalid_input},
      {"no value", R"({})", R"([{"op":"add","path":"/a"}])", Errc::invalid_input},
      {"no op", R"({})", R"([{"path":"/a"}])", Errc::invalid_input},
      {"unknown op", R"({})", R"([{"op":"merge","path":"/a","value":1}])", Errc::invalid_input},
      {"not an object", R"({})", R"([1])", Errc::invalid_input},
      {"into itself", R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", Errc::invalid_input},
  };
  for (const Case& c : cases) {
    const auto result = apply_patch(json::parse(c.document), json::parse(c.patch).as_array());
    BOOST_REQUIRE_MESSAGE(!result, c.name);
    BOOST_TEST(result.error().is(c.code), c.name << ": " << result.error().message());
    BOOST_TEST(result.error().context.starts_with("patch operation 0: "));
  }
}

BOOST_AUTO_TEST_SUITE_END()
