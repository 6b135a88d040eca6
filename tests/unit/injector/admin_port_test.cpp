#include "injector/core/admin_port.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using namespace charon::injector::test;

BOOST_AUTO_TEST_SUITE(agent_admin_port)

BOOST_AUTO_TEST_CASE(the_agent_leaves_the_applications_ports_alone) {
  struct Case {
    const char *what, *annotations, *spec, *expected;
  };
  const Case cases[] = {
      {"free", "{}", R"({})", "19095"},
      {"a container's port", "{}", R"({"containers":[{"name":"w","ports":[{"name":"metrics","containerPort":80},{"containerPort":19095}]}]})", "19096"},
      {"two in a row", "{}", R"({"containers":[{"name":"w","ports":[{"name":"metrics","containerPort":19096},{"containerPort":19095,"protocol":"UDP"}]}]})", "19097"},
      {"a sidecar's", "{}", R"({"initContainers":[{"name":"s","restartPolicy":"Always","ports":[{"containerPort":19095}]}]})", "19096"},
      {"a mesh proxy's", "{}", R"({"containers":[{"name":"w","ports":[{"name":"metrics","containerPort":80}]},{"name":"istio-proxy","ports":[{"containerPort":19095}]}]})", "19096"},
      {"only annotated", R"({"prometheus.io/port":"19095"})", "{}", "19096"},
      {"ports of no meaning", "{}", R"({"containers":[{"name":"w","ports":[null,{"containerPort":"19095"},{"containerPort":99999},{"name":"metrics","containerPort":80}]}]})", "19095"},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) {
    const auto out = admitted(pod(fmt::format(R"({{"annotations":{}}})", c.annotations), c.spec));
    BOOST_REQUIRE(out.injected());
    BOOST_TEST(out.env("CHARON_ADMIN_PORT") == c.expected);
    BOOST_TEST(json::serialize(out.status().at("adminPort")) == c.expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
