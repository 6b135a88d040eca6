#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/release.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::coordinator {
namespace {

boost::json::object json(std::string_view text) { return boost::json::parse(text).as_object(); }

BOOST_AUTO_TEST_SUITE(release)

BOOST_AUTO_TEST_CASE(what_makes_no_release_leaves_the_hash_as_it_is) {
  const auto plain = normalised(json(R"({"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"app","image":"a:1"}]}})"));
  const auto dressed = normalised(json(R"({"spec":{"containers":[{"image":"a:1","name":"app"},{"name":"charon-agent","image":"x"}],"initContainers":[{"name":"charon-agent","image":"x"}]},
      "metadata":{"creationTimestamp":null,"annotations":{"kubectl.kubernetes.io/restartedAt":"2026","charon.dev/status":"{}"},"labels":{"pod-template-hash":"1","app":"a"}}})"));
  BOOST_TEST(template_hash(plain).value == template_hash(dressed).value);
  const auto other = normalised(json(R"({"metadata":{"labels":{"app":"a"},"annotations":{"charon.dev/metrics-port":"1"}},"spec":{"containers":[{"name":"app","image":"a:1"}]}})"));
  BOOST_TEST(template_hash(plain).value != template_hash(other).value);
}

BOOST_AUTO_TEST_CASE(differences) {
  const auto base = json(R"({"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1"}]}})");
  auto diff = difference(base, json(R"({"spec":{"containers":[{"name":"b","image":"b:1"},{"name":"a","image":"a:2"}]}})"));
  BOOST_TEST(diff.images_only);
  BOOST_TEST(diff.containers == std::set<std::string>{"a"});
  BOOST_TEST(diff.images.at("a") == "a:2");
  diff = difference(base, json(R"({"spec":{"containers":[{"name":"a","image":"a:2","args":["x"]},{"name":"b","image":"b:1"}]}})"));
  BOOST_TEST(!diff.images_only);
  BOOST_TEST(diff.containers.size() == 1u);
  diff = difference(base, json(R"({"spec":{"nodeSelector":{"x":"y"},"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1"}]}})"));
  BOOST_TEST(!diff.images_only);
  BOOST_TEST(diff.containers.size() == 2u);
  BOOST_TEST(difference(base, base).empty());
}

BOOST_AUTO_TEST_CASE(image_references) {
  const auto whole = parse_image("10.77.0.1:5000/shop/app:v1@sha256:ab");
  BOOST_TEST(whole.domain == "10.77.0.1:5000");
  BOOST_TEST(whole.path == "shop/app");
  BOOST_TEST(whole.tag == "v1");
  BOOST_TEST(whole.digest.value == "sha256:ab");
  BOOST_TEST(whole.text() == "10.77.0.1:5000/shop/app:v1@sha256:ab");
  BOOST_TEST(parse_image("nginx").path == "nginx");
  BOOST_TEST(parse_image("localhost/app").domain == "localhost");
  BOOST_TEST(parse_image("library/nginx:1").domain == "");
  BOOST_TEST(same_repository(parse_image("nginx:1"), parse_image("docker.io/library/nginx@sha256:ab")));
  BOOST_TEST(!same_repository(parse_image("nginx"), parse_image("quay.io/library/nginx")));
}

BOOST_AUTO_TEST_CASE(only_a_digest_of_the_images_own_repository_can_be_gone_back_to) {
  PodView pod;
  const auto add = [&](std::string name, std::string image, std::string id) {
    ContainerView c;
    c.name = std::move(name);
    c.image = std::move(image);
    c.image_id = std::move(id);
    pod.containers.push_back(std::move(c));
  };
  add("own", "r:5000/app:v1", "r:5000/app@sha256:01");
  add("docker", "nginx:1", "docker-pullable://nginx@sha256:02");
  add("mirror", "r:5000/app:v1", "mirror/app@sha256:03");
  add("local", "app:v1", "sha256:04");
  const auto digests = digests_of(pod);
  BOOST_TEST(digests.size() == 2u);
  BOOST_TEST(digests.at("own").value == "sha256:01");
  BOOST_TEST(digests.at("docker").value == "sha256:02");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator
