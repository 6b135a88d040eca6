#include "lib/base/base64.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

BOOST_AUTO_TEST_SUITE(base64)

BOOST_AUTO_TEST_CASE(the_vectors_of_rfc_4648_go_both_ways) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    BOOST_TEST(charon::base64_encode(bytes) == text);
    BOOST_TEST(charon::base64_decode(text).value() == bytes);
  }
}

BOOST_AUTO_TEST_CASE(every_byte_survives) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  BOOST_TEST(charon::base64_decode(charon::base64_encode(bytes)).value() == bytes);
}

BOOST_AUTO_TEST_CASE(what_is_not_base64_is_refused) {
  for (const auto* text : {"Zg", "Zg=", "Z===", "Zm9v\n", "Zm 9", "Zg==Zg==", "====", "Zm9*"})
    BOOST_TEST(charon::base64_decode(text).has_error(), text);
}

BOOST_AUTO_TEST_SUITE_END()
