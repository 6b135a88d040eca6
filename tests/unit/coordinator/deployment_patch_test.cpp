#include "coordinator/core/cluster_view.hpp"
#include "coordinator/core/deployment_patch.hpp"
#include "coordinator/core/release.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::coordinator {
namespace {

using boost::json::object;
object json(std::string_view text) { return boost::json::parse(text).as_object(); }

const object fresh = json(R"({"metadata":{"uid":"u","resourceVersion":"7","annotations":{"mine":"x"}},"spec":{"replicas":5,"template":{
    "metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"app","image":"r/a:v2","env":[{"name":"NEW","value":"1"},{"name":"OTHERS","value":"2"}],"resources":{"limits":{"cpu":"1"}}},
    {"name":"others","image":"x:1"}],"volumes":[{"name":"added-by-v2"},{"name":"added-by-others"}],"restartPolicy":"Always"}}}})");

PatchPlan images() {
  PatchPlan plan;
  plan.uid = "u";
  plan.images = {{"app", "r/a:v1"}};
  return plan;
}
object body(const PatchPlan& plan, const object& of = fresh) {
  const auto out = deployment_patch(plan, of);
  BOOST_REQUIRE(out.has_value());
  BOOST_REQUIRE(std::holds_alternative<object>(*out));
  return std::get<object>(*out);
}
bool stale(const PatchPlan& plan, const object& of = fresh) {
  const auto out = deployment_patch(plan, of);
  return out && std::holds_alternative<Stale>(*out);
}

BOOST_AUTO_TEST_SUITE(deployment_patch_)

BOOST_AUTO_TEST_CASE(images_alone_change_and_the_rest_of_the_list_is_the_fresh_one) {
  const object patch = body(images());
  BOOST_TEST(patch.at("metadata").at("resourceVersion").as_string() == "7");
  BOOST_TEST(patch.at("spec").as_object().size() == 1u);
  const auto& spec = patch.at("spec").at("template").at("spec").as_object();
  BOOST_TEST(spec.size() == 1u);
  BOOST_TEST(spec.at("containers").at(0).at("image").as_string() == "r/a:v1");
  BOOST_TEST(spec.at("containers").at(0).at("env").as_array().size() == 2u);
  BOOST_TEST(spec.at("containers").at(1).at("image").as_string() == "x:1");
}

BOOST_AUTO_TEST_CASE(what_differs_between_two_templates_is_undone_and_what_others_added_stays) {
  PatchPlan plan;
  plan.uid = "u";
  plan.from = json(R"({"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"app","image":"r/a:v2","env":[{"name":"NEW","value":"1"}],"resources":{"limits":{"cpu":"1"}}}],"volumes":[{"name":"added-by-v2"}],"restartPolicy":"Always"}})");
  plan.to = json(R"({"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"app","image":"r/a:v1","env":[{"name":"OLD","value":"1"}],"resources":{"limits":{"cpu":"1"}}}],"terminationGracePeriodSeconds":5,"restartPolicy":"Always"}})");
  const object patch = body(plan);
  const auto& spec = patch.at("spec").at("template").at("spec").as_object();
  BOOST_TEST(spec.at("terminationGracePeriodSeconds").to_number<int>() == 5);
  BOOST_TEST(boost::json::serialize(spec.at("volumes")) == R"([{"name":"added-by-others"}])");
  const auto& env = spec.at("containers").at(0).at("env").as_array();
  BOOST_TEST(env.size() == 2u);
  BOOST_TEST(env.at(0).at("name").as_string() == "OTHERS");
  BOOST_TEST(env.at(1).at("name").as_string() == "OLD");
  BOOST_TEST(spec.at("containers").as_array().size() == 2u);
  BOOST_TEST(!patch.at("spec").as_object().contains("replicas"));
}

BOOST_AUTO_TEST_CASE(another_object_or_template_is_stale) {
  PatchPlan plan = images();
  plan.uid = "other";
  BOOST_TEST(stale(plan));
  plan = images();
  plan.judged = template_hash(normalised(fresh.at("spec").at("template").as_object()));
  BOOST_TEST(!stale(plan));
  object changed = fresh;
  changed["spec"].as_object()["template"].as_object()["spec"].as_object()["restartPolicy"] = "Never";
  BOOST_TEST(stale(plan, changed));
  object restarted = fresh;  // kubectl rollout restart makes no other release
  restarted["spec"].as_object()["template"].as_object()["metadata"].as_object()["annotations"] = object{{"kubectl.kubernetes.io/restartedAt", "now"}};
  BOOST_TEST(!stale(plan, restarted));
  plan = images();
  plan.images["app"] = "r/a:v2";
  BOOST_TEST(stale(plan));
}

BOOST_AUTO_TEST_CASE(a_container_that_is_gone_is_refused) {
  PatchPlan plan = images();
  plan.images["gone"] = "x:2";
  BOOST_TEST(deployment_patch(plan, fresh).error().is(Errc::rejected));
}

BOOST_AUTO_TEST_CASE(annotations_are_set_and_removed) {
  PatchPlan plan = images();
  plan.annotations = {{"a", "1"}, {"b", ""}};
  const object patch = body(plan);
  BOOST_TEST(patch.at("metadata").at("annotations").at("a").as_string() == "1");
  BOOST_TEST(patch.at("metadata").at("annotations").at("b").is_null());
}

BOOST_AUTO_TEST_CASE(only_its_own_pause_is_lifted) {
  PatchPlan plan;
  plan.uid = "u";
  plan.kind = PatchKind::pause;
  BOOST_TEST(body(plan).at("spec").at("paused").as_bool());
  object paused = fresh;
  paused["spec"].as_object()["paused"] = true;
  BOOST_TEST(stale(plan, paused));
  plan.kind = PatchKind::resume;
  BOOST_TEST(stale(plan, paused));
  paused["metadata"].as_object()["annotations"].as_object()["charon.dev/paused"] = "hash";
  BOOST_TEST(body(plan, paused).at("spec").at("paused").is_null());
  BOOST_TEST(body(images(), paused).at("spec").at("paused").is_null());  // a rollback that our pause would stop
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator
