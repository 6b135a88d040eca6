#include "coordinator/core/api_image_request.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::coordinator;

BOOST_AUTO_TEST_SUITE(api_image_request)

BOOST_AUTO_TEST_CASE(image_and_tag_are_read_together_or_apart) {
  struct Case {
    std::string_view body, image, tag;
  };
  const Case cases[] = {
      {R"({"image":"test-app"})", "test-app", ""},
      {R"({"image":"test-app","tag":"v1.1"})", "test-app", "v1.1"},
      {R"({"image":"test-app:v1.1"})", "test-app", "v1.1"},
      {R"({"image":"10.0.0.1:5000/shop/test-app"})", "10.0.0.1:5000/shop/test-app", ""},
      {R"({"image":"10.0.0.1:5000/test-app:v1","more":1})", "10.0.0.1:5000/test-app", "v1"},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.body) {
    const auto request = read_image_request(c.body);
    BOOST_REQUIRE(request.has_value());
    BOOST_TEST(request->image == c.image);
    BOOST_TEST(request->tag == c.tag);
  }
}

BOOST_AUTO_TEST_CASE(malformed_bodies_are_refused) {
  const std::string bodies[] = {"", "[]", "{}", R"({"image":1})", R"({"image":""})", R"({"image":":v1"})", R"({"image":"a b"})",
                                R"({"image":"a:v1","tag":"v2"})", R"({"image":"a","tag":"v/1"})", R"({"image":"a@sha256:00"})",
                                R"({"image":"a","tag":")" + std::string(129, 'a') + R"("})", R"({"image":")" + std::string(5000, 'a') + R"("})"};
  for (const std::string& body : bodies) BOOST_TEST_CONTEXT(body) BOOST_TEST(read_image_request(body).has_error());
}

BOOST_AUTO_TEST_SUITE_END()
