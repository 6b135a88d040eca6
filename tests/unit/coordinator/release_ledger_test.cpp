#include "coordinator/core/decision.hpp"
#include "coordinator/core/deployment_patch.hpp"
#include "coordinator/core/outage_breaker.hpp"
#include "coordinator/core/release_ledger.hpp"
#include "coordinator/core/tag_follow.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::coordinator {
namespace {

using namespace std::chrono_literals;
const Time now = *parse_time("2026-11-23T12:00:00Z");
const WorkloadKey key{"shop", "Deployment", "app"};

boost::json::object pod_template(const std::string& tag, std::size_t padding = 0) {
  return {{"metadata", boost::json::object{{"annotations", boost::json::object{{"padding", std::string(padding, 'x')}}}}},
          {"spec", boost::json::object{{"containers", boost::json::array{boost::json::object{{"name", "app"}, {"image", "r/app:" + tag}}}}}}};
}
ReleaseRecord& add(ReleaseLedger& ledger, const std::string& tag, std::size_t padding = 0) {
  const auto t = pod_template(tag, padding);
  ReleaseRecord& r = ledger.appeared(t, template_hash(t).value, 3, 0.001, now);
  r.digests["app"] = Digest("sha256:" + tag);
  return r;
}

BOOST_AUTO_TEST_SUITE(release_ledger)

BOOST_AUTO_TEST_CASE(reads_what_it_wrote) {
  ReleaseLedger ledger;
  add(ledger, "v1");
  ledger.promoted(ledger.current_id, ReleaseState::stable, "why", now);
  add(ledger, "v2");
  ledger.condemned(ledger.current_id, "bad", now);
  ledger.intent = Intent{"1", IntentKind::rollback, IntentPhase::patched, "uid", "a", "b", {{"app", "r/app:v1"}}, {}, TemplateHash("h"), true, {"node-3"}, ReleaseState::adopted, now, "why", "", now, now, std::nullopt};
  const auto object = ledger_object(key, ledger, "5");
  BOOST_TEST(object.at("metadata").at("name").as_string() == "deployment.app");
  const auto read = read_ledger(object);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST((read->first == key));
  BOOST_TEST(boost::json::serialize(to_json(read->second)) == boost::json::serialize(to_json(ledger)));
}

BOOST_AUTO_TEST_CASE(stays_within_its_bounds_and_keeps_the_stable_template) {
  ReleaseLedger ledger;
  add(ledger, "v0", 9000);
  ledger.promoted(ledger.current_id, ReleaseState::stable, "", now);
  for (int i = 1; i < 20; ++i) add(ledger, "v" + std::to_string(i), 9000);
  BOOST_TEST(ledger.releases.size() == ReleaseLedger::max_releases);
  BOOST_TEST((ledger.last_stable() != nullptr));
  const auto object = ledger_object(key, ledger, "");
  BOOST_TEST(boost::json::serialize(object).size() <= ReleaseLedger::max_bytes);
  const auto read = read_ledger(object)->second;
  BOOST_TEST(read.last_stable()->pod_template.has_value());
  BOOST_TEST(read.current()->pod_template.has_value());
  BOOST_TEST(!read.releases[1].pod_template.has_value());
}

BOOST_AUTO_TEST_CASE(only_what_a_bad_release_changed_is_quarantined_and_promotion_frees_it) {
  ReleaseLedger ledger;
  add(ledger, "v1").digests["proxy"] = Digest("sha256:proxy");
  ledger.promoted(ledger.current_id, ReleaseState::stable, "", now);
  add(ledger, "v2").digests["proxy"] = Digest("sha256:proxy");
  ledger.condemned(ledger.current_id, "", now);
  BOOST_TEST(ledger.is_quarantined(Digest("sha256:v2")));
  BOOST_TEST(!ledger.is_quarantined(Digest("sha256:proxy")));
  BOOST_TEST(!ledger.is_quarantined(Digest()));
  ledger.promoted(ledger.current_id, ReleaseState::stable, "", now);
  BOOST_TEST(!ledger.is_quarantined(Digest("sha256:v2")));
}

BOOST_AUTO_TEST_CASE(what_another_bad_release_holds_stays_under_quarantine) {
  for (const bool pushed : {false, true}) {
    ReleaseLedger ledger;
    add(ledger, "v1");
    ledger.promoted(ledger.current_id, ReleaseState::stable, "", now);
    ReleaseRecord& first = add(ledger, "v2");
    first.digests.clear();
    (pushed ? first.pushed : first.digests["app"]) = Digest("sha256:same");
    ledger.condemned(ledger.current_id, "", now);
    ReleaseRecord& second = add(ledger, "v3");
    second.digests["app"] = Digest("sha256:same");
    second.pushed = Digest("sha256:own");
    ledger.condemned(ledger.current_id, "", now);
    BOOST_TEST(ledger.is_quarantined(Digest("sha256:own")));
    ledger.reopened(ledger.current_id, ReleaseState::candidate, now);
    BOOST_TEST(ledger.is_quarantined(Digest("sha256:same")));
    BOOST_TEST(!ledger.is_quarantined(Digest("sha256:own")));
    ledger.reopened(ledger.releases[1].id, ReleaseState::candidate, now);
    BOOST_TEST(!ledger.is_quarantined(Digest("sha256:same")));
  }
}

BOOST_AUTO_TEST_CASE(a_ledger_of_something_else_is_refused) {
  BOOST_TEST(read_ledger({}).has_error());
  BOOST_TEST(read_ledger(boost::json::parse(R"({"metadata":{"namespace":"a"},"spec":{"workload":{"kind":"Deployment","name":"x"}},"status":{"releases":7}})").as_object()).has_error());
}

BOOST_AUTO_TEST_CASE(guards_before_a_patch) {
  struct Row {
    const char* name;
    void (*change)(ReleaseLedger&, DeploymentView&, RollbackPolicy&, DecisionInput&);
    PolicyAction action;
    bool passing;
  };
  const Row rows[] = {
      {"nothing in the way", [](auto&, auto&, auto&, auto&) {}, PolicyAction::patch, false},
      {"Helm by a person", [](auto&, auto& d, auto&, auto&) { d.labels["app.kubernetes.io/managed-by"] = "Helm"; d.annotations["meta.helm.sh/release-name"] = "x"; }, PolicyAction::patch, false},
      {"Argo CD", [](auto&, auto& d, auto&, auto&) { d.managers.push_back({"argocd-controller", "Apply", {}}); }, PolicyAction::notify, false},
      {"Flux", [](auto&, auto& d, auto&, auto&) { d.labels["kustomize.toolkit.fluxcd.io/name"] = "x"; }, PolicyAction::notify, false},
      {"Flux's Helm", [](auto&, auto& d, auto&, auto&) { d.labels["helm.toolkit.fluxcd.io/name"] = "x"; }, PolicyAction::notify, false},
      {"Argo CD, but patch is asked for", [](auto&, auto& d, auto& p, auto&) { d.annotations["argocd.argoproj.io/x"] = "y"; p.action = PolicyAction::patch; }, PolicyAction::patch, false},
      {"hold is asked for", [](auto&, auto&, auto& p, auto&) { p.action = PolicyAction::hold; }, PolicyAction::hold, false},
      {"ambiguous", [](auto&, auto&, auto&, auto& in) { in.ambiguous = true; }, PolicyAction::hold, false},
      {"frozen", [](auto& l, auto&, auto&, auto&) { l.frozen = true; }, PolicyAction::notify, true},
      {"outage", [](auto&, auto&, auto&, auto& in) { in.breaker_open = true; }, PolicyAction::notify, true},
      {"contested", [](auto& l, auto&, auto&, auto&) { l.contested_by = "jenkins"; }, PolicyAction::notify, false},
      {"another template", [](auto&, auto&, auto&, auto& in) { in.template_judged = false; }, PolicyAction::notify, true},
      {"paused by its owner", [](auto&, auto& d, auto&, auto&) { d.paused = true; }, PolicyAction::notify, true},
      {"paused by Charon", [](auto&, auto& d, auto&, auto&) { d.paused = true; d.annotations[std::string(paused_annotation)] = "x"; }, PolicyAction::patch, false},
      {"budget used up", [](auto& l, auto&, auto&, auto&) { l.rollbacks = {now - 59min, now - 30min, now - 1min}; }, PolicyAction::notify, true},
      {"budget free again", [](auto& l, auto&, auto&, auto&) { l.rollbacks = {now - 61min, now - 30min, now - 1min}; }, PolicyAction::patch, false},
      {"no stable release", [](auto& l, auto&, auto&, auto&) { l.releases[0].state = ReleaseState::superseded; }, PolicyAction::notify, false},
  };
  for (const Row& row : rows)
    BOOST_TEST_CONTEXT(row.name) {
      ReleaseLedger ledger;
      add(ledger, "v1");
      ledger.promoted(ledger.current_id, ReleaseState::adopted, "", now);
      add(ledger, "v2");
      DeploymentView d;
      RollbackPolicy policy;
      DecisionInput in{&policy, &ledger, nullptr, &d, false, false, true};
      row.change(ledger, d, policy, in);
      in.judged = ledger.current();
      const Decision decision = decide(in, now);
      BOOST_TEST((decision.action == row.action));
      BOOST_TEST(decision.passing == row.passing);
    }
}

BOOST_AUTO_TEST_CASE(tags_that_are_followed) {
  const struct { const char *glob, *text; bool fits; } globs[] = {
      {"v1.*", "v1.2", true}, {"v1.*", "v1", false}, {"*", "", true}, {"v?.0", "v2.0", true}, {"v?.0", "v.0", false}, {"*-rc*", "v1-rc2", true}, {"a*b*c", "aXbXbXc", true}, {"a*b", "acc", false}};
  for (const auto& g : globs) BOOST_TEST(glob_matches(g.glob, g.text) == g.fits, g.glob << " " << g.text);
  DeploymentView d;
  d.pod_template = boost::json::parse(R"({"spec":{"containers":[{"name":"app","image":"r:5000/shop/app:v1"},{"name":"two","image":"r:5000/shop/app:v1"},{"name":"x","image":"r:5000/x:v1"}]}})").as_object();
  bool follows = true;
  BOOST_TEST(followers(d, {"", "shop/app", "v2", {}}, follows).empty());
  BOOST_TEST(!follows);
  d.annotations["charon.dev/follow"] = "v*";
  BOOST_TEST(followers(d, {"", "shop/app", "v2", {}}, follows).size() == 2u);
  BOOST_TEST(followers(d, {"", "app", "v2", {}}, follows).empty());
  d.annotations["charon.dev/follow"] = "app=v2, x=*";
  BOOST_TEST(followers(d, {"", "shop/app", "v2", {}}, follows).size() == 1u);
  BOOST_TEST(followers(d, {"", "shop/app", "v3", {}}, follows).empty());
  BOOST_TEST(follows);
}

BOOST_AUTO_TEST_CASE(the_outage_breaker_needs_more_than_five_and_more_than_a_quarter) {
  OutageBreaker breaker;
  for (int i = 0; i < 6; ++i) {
    BOOST_TEST(!breaker.open(8, now));
    breaker.failing({"ns", "Deployment", std::to_string(i)}, now);
  }
  BOOST_TEST(breaker.open(8, now));
  BOOST_TEST(!breaker.open(24, now));
  BOOST_TEST(!breaker.open(8, now + 11min));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator
