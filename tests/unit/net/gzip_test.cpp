#include "lib/net/gzip.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::net;

BOOST_AUTO_TEST_SUITE(gzip)

BOOST_AUTO_TEST_CASE(what_was_deflated_is_inflated) {
  for (const std::size_t size : {0u, 1u, 16'384u, 16'385u, 200'000u}) {
    std::string plain(size, 'a');
    for (std::size_t i = 0; i < size; i += 7) plain[i] = static_cast<char>(i * i);
    const auto back = inflate_gzip(deflate_gzip(plain), size);
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST((*back == plain));
  }
}

BOOST_AUTO_TEST_CASE(members_follow_one_another) {
  const auto back = inflate_gzip(deflate_gzip("one ") + deflate_gzip("two"), 100);
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(*back == "one two");
}

BOOST_AUTO_TEST_CASE(a_bomb_is_too_large) {
  const std::string bomb = deflate_gzip(std::string(64 << 20, '\0'));
  BOOST_TEST(bomb.size() < 100'000u);
  const auto back = inflate_gzip(bomb, 1 << 20);
  BOOST_REQUIRE(back.has_error());
  BOOST_TEST(back.error().is(Errc::too_large));
}

BOOST_AUTO_TEST_CASE(one_byte_more_than_the_bound_is_too_large) {
  BOOST_TEST(inflate_gzip(deflate_gzip("12345"), 5).has_value());
  BOOST_TEST(inflate_gzip(deflate_gzip("12345"), 4).has_error());
}

BOOST_AUTO_TEST_CASE(what_is_not_gzip_is_invalid) {
  const std::string good = deflate_gzip("a body of some length, and of some more");
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 0x55);
  for (const std::string& bad : {std::string(), std::string("plain"), good.substr(0, 12), good.substr(0, good.size() - 1), flipped, good + "garbage"}) {
    const auto back = inflate_gzip(bad, 1000);
    BOOST_REQUIRE(back.has_error());
    BOOST_TEST(back.error().is(Errc::invalid_input));
  }
}

BOOST_AUTO_TEST_SUITE_END()
