#include "coordinator/core/registry_notification.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::coordinator;

namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

/// One event as docker-registry 2.8 sends it.
std::string event(std::string action, std::string type, std::string repository, std::string tag, std::string the_digest, std::string host) {
  return R"({"id":"320678d8","timestamp":"2026-11-23T12:00:00.123456789Z","action":")" + action + R"(","target":{"mediaType":")" + type +
         R"(","size":708,"digest":")" + the_digest + R"(","length":708,"repository":")" + repository + R"(","url":"http://x/v2/y","tag":")" + tag +
         R"("},"request":{"id":"6df24a34","addr":"10.0.0.9:5000","host":")" + host +
         R"(","method":"PUT","useragent":"skopeo"},"actor":{},"source":{"addr":"node-1:5000","instanceID":"a53db899"}})";
}
std::string push(std::string repository, std::string tag) {
  return event("push", "application/vnd.oci.image.manifest.v1+json", repository, tag, digest, "10.0.0.1:5000");
}
Result<RegistryNotification> read(const std::string& events) { return read_registry_notification(R"({"events":[)" + events + "]}", 65536); }

}  // namespace

BOOST_AUTO_TEST_SUITE(registry_notification)

BOOST_AUTO_TEST_CASE(a_pushed_tag_is_read_with_its_digest_and_host) {
  for (const std::string type : {"application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
                                 "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"}) {
    const auto notification = read(event("push", type, "shop/test-app", "v1.1", digest, "10.0.0.1:5000"));
    BOOST_REQUIRE(notification.has_value());
    BOOST_REQUIRE(notification->pushes.size() == 1u);
    BOOST_TEST(notification->pushes[0].name() == "shop/test-app:v1.1");
    BOOST_TEST(notification->pushes[0].digest.value == digest);
    BOOST_TEST(notification->pushes[0].host == "10.0.0.1:5000");
  }
}

BOOST_AUTO_TEST_CASE(what_pushes_no_tagged_manifest_is_ignored) {
  const std::string manifest = "application/vnd.oci.image.manifest.v1+json";
  const auto notification = read(event("pull", manifest, "a", "v1", digest, "h") + "," + event("push", "application/octet-stream", "a", "", digest, "h") + "," +
                                 event("push", manifest, "a", "", digest, "h") + "," + event("delete", manifest, "a", "v1", digest, "h") +
                                 R"(,{"action":"mount"},{})");
  BOOST_REQUIRE(notification.has_value());
  BOOST_TEST(notification->pushes.empty());
  BOOST_TEST(notification->ignored == 6u);
  BOOST_TEST(notification->refused.empty());
}

BOOST_AUTO_TEST_CASE(a_bad_event_does_not_hold_up_the_others) {
  const std::string manifest = "application/vnd.oci.image.manifest.v1+json";
  const std::string bad[] = {push("a//b", "v1"), push("A", "v1"), push("../a", "v1"), push("a", "v 1"), push("a", "-v1"), push(std::string(300, 'a'), "v1"),
                             push("a", std::string(200, 'a')), event("push", manifest, "a", "v1", "sha256:00", "h"),
                             event("push", manifest, "a", "v1", digest, "h/../x"), R"({"action":1})", "7"};
  for (const std::string& one : bad) BOOST_TEST_CONTEXT(one) {
    const auto notification = read(one + "," + push("test-app", "v1.1"));
    BOOST_REQUIRE(notification.has_value());
    BOOST_TEST(notification->refused.size() == 1u);
    BOOST_TEST(notification->pushes.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(no_envelope_is_an_error) {
  for (const std::string_view body : {"", "{", "[]", "{}", R"({"events":{}})", R"({"events":1})"})
    BOOST_TEST(read_registry_notification(body, 65536).error().is(Errc::invalid_input));
  BOOST_TEST(read_registry_notification(std::string(100, ' '), 10).error().is(Errc::too_large));
  std::string many = push("a", "v1");
  for (std::size_t i = 0; i < max_registry_events; ++i) many += "," + push("a", "v1");
  BOOST_TEST(read_registry_notification(R"({"events":[)" + many + "]}", 1 << 20).error().is(Errc::too_large));
}

BOOST_AUTO_TEST_SUITE_END()
