#include "lib/detection/request_outcome.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::detection;

BOOST_AUTO_TEST_SUITE(request_outcome)

BOOST_AUTO_TEST_CASE(bad_is_what_the_server_is_to_blame_for) {
  for (const char* value : {"500", "503", "SERVER_ERROR", "error", "DeadlineExceeded", "DEADLINE_EXCEEDED"})
    BOOST_TEST_CONTEXT(value) BOOST_TEST(is_bad_status("code", value));
  for (const char* value : {"200", "404", "429", "OK", "NotFound", "CLIENT_ERROR", "", "14"}) BOOST_TEST_CONTEXT(value) BOOST_TEST(!is_bad_status("code", value));
  BOOST_TEST(is_bad_status("grpc_code", "14"));
  BOOST_TEST(!is_bad_status("grpc_code", "5"));
}

BOOST_AUTO_TEST_CASE(probes_are_known_by_their_paths) {
  BOOST_TEST(is_probe("path", "/healthz"));
  BOOST_TEST(!is_probe("path", "/health/records"));
  BOOST_TEST(!is_probe("code", "/healthz"));
  BOOST_TEST(is_status_label("http_response_status_code"));
  BOOST_TEST(!is_status_label("path"));
}

BOOST_AUTO_TEST_SUITE_END()
