#include "injector/core/native_sidecar.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::injector;

BOOST_AUTO_TEST_SUITE(native_sidecar)

BOOST_AUTO_TEST_CASE(versions_as_distributions_write_them) {
  const std::pair<const char*, KubernetesVersion> cases[] = {
      {"v1.29.4", {1, 29}}, {"v1.31.0+k3s1", {1, 31}}, {"v1.30.1-eks-036c24b", {1, 30}}, {"1.28", {1, 28}}, {"v2.0.0-alpha.1", {2, 0}}};
  for (const auto& [text, expected] : cases) BOOST_TEST((parse_version(text).value() == expected), text);
  for (const auto* text : {"", "v", "v1", "v1.", "1.x", "v-1.29", "v1.-29", "latest", "v99999999999.1"}) BOOST_TEST(parse_version(text).has_error(), text);
}

BOOST_AUTO_TEST_CASE(auto_needs_the_server_and_every_node) {
  const KubernetesVersion old{1, 28}, recent{1, 29}, next{2, 0};
  using Nodes = std::map<std::string, std::optional<KubernetesVersion>>;
  struct Case {
    std::optional<KubernetesVersion> server;
    Nodes nodes;
    bool expected;
  };
  const Case cases[] = {
      {recent, {{"a", recent}, {"b", next}}, true}, {recent, {{"a", recent}, {"b", old}}, false}, {old, {{"a", recent}}, false},
      {std::nullopt, {{"a", recent}}, false},       {recent, {}, false},                          {recent, {{"a", recent}, {"b", std::nullopt}}, false},
  };
  for (const Case& c : cases) {
    const ClusterVersions versions{c.server, c.nodes};
    BOOST_TEST(use_native_sidecar(NativeSidecar::automatic, versions) == c.expected);
    BOOST_TEST(use_native_sidecar(NativeSidecar::always, versions));
    BOOST_TEST(!use_native_sidecar(NativeSidecar::never, versions));
  }
}

BOOST_AUTO_TEST_SUITE_END()
