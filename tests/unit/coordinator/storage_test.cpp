#include "tests/unit/coordinator/world.hpp"

/// Ledgers that cannot be read, and ledgers that somebody else writes.
namespace charon::coordinator::test {

BOOST_AUTO_TEST_SUITE(storage)

const WorkloadKey key{"shop", "Deployment", "test-app"};

BOOST_AUTO_TEST_CASE(a_ledger_that_cannot_be_read_is_left_alone) {
  const struct { const char* name; void (*damage)(object&); } rows[] = {
      {"a newer schema", [](object& l) { l["status"].as_object()["schema"] = ReleaseLedger::known_schema + 1; }},
      {"another type", [](object& l) { l["status"].as_object()["releases"] = 7; }},
      {"an unknown state", [](object& l) { l["status"].at("releases").at(0).as_object()["state"] = "wonderful"; }},
      {"a budget without replicas", [](object& l) { l["status"].at("releases").at(0).at("budget").as_object()["expected"] = 0; }},
      {"no status that is one", [](object& l) { l["status"] = "x"; }},
      {"nothing but its name", [](object& l) { l["spec"] = nullptr; }},
  };
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.name) {
      World w;
      App& app = w.settled("test-app", {"node-1", "node-2"});
      w.run(2min);
      const object good = w.ledgers.at(key.text());
      row.damage(w.ledgers.at(key.text()));
      const object damaged = w.ledgers.at(key.text());
      const int writes = w.ledger_writes;
      w.restart();
      w.set_image(app, "v1.2");
      w.new_container_status = boost::json::parse(R"({"restartCount":4,"state":{"running":null,"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1}}})").as_object();
      w.roll(app);
      w.run(3min);
      BOOST_TEST(w.patches.empty());
      BOOST_TEST(w.ledger_writes == writes);
      BOOST_TEST((w.ledgers.at(key.text()) == damaged));
      BOOST_TEST(w.told("LedgerUnreadable") == 1u);
      BOOST_TEST(w.logged("ReleaseLedger of shop/test-app cannot be read"));
      BOOST_TEST(w.coordinator->workload(key, w.now)->at("state").as_string() == "Unreadable");
      BOOST_TEST(w.coordinator->workloads("shop").at("workloads").at(0).at("state").as_string() == "Unreadable");
      BOOST_TEST(w.coordinator->rollback(key, {}, w.now).error().is(Errc::conflict));
      BOOST_TEST(w.hello(app, w.pod_on(app, "node-1")).error().is(Errc::unavailable));
      // Somebody repairs it.
      w.ledgers.at(key.text()) = good;
      w.coordinator->on_ledger(good, w.now);
      w.run(15s);
      BOOST_TEST(app.tag == "v1.0");
      BOOST_TEST(w.stable(app) == "v1.0");
    }
}

BOOST_AUTO_TEST_CASE(an_unreadable_ledger_that_is_deleted_begins_anew) {
  World w;
  App& app = w.settled("test-app", {"node-1"});
  w.ledgers.at(key.text())["status"] = "x";
  w.restart();
  w.run(30s);
  w.coordinator->on_ledger_gone({{"metadata", object{{"namespace", "shop"}, {"name", key.ledger_name()}}}}, w.now);
  w.ledgers.erase(key.text());
  w.run(15s);
  BOOST_TEST(w.state(app) == "Stable");  // it ran well for long
}

BOOST_AUTO_TEST_CASE(a_ledger_that_is_deleted_is_written_at_once_and_no_share_is_handed_out_before) {
  World w;
  App& app = w.settled("test-app", {"node-1"});
  w.run(5min);
  w.coordinator->on_ledger(w.ledgers.at(key.text()), w.now);
  w.coordinator->on_ledger_gone(w.ledgers.extract(key.text()).mapped(), w.now);
  w.pod_on(app, "node-1").agent.boot = "boot-2";
  BOOST_TEST(w.hello(app, w.pod_on(app, "node-1")).error().is(Errc::unavailable));
  w.run(3s);
  BOOST_TEST(w.ledgers.contains(key.text()));
  BOOST_TEST(w.hello(app, w.pod_on(app, "node-1")).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_deleted_before_its_workload_does_not_come_back_with_the_next_of_the_name) {
  for (const bool deleted : {false, true})
    BOOST_TEST_CONTEXT("deleted: " << deleted) {
      World w;
      App& app = w.settled("test-app", {"node-1"});
      w.run(5min);
      w.coordinator->on_ledger(w.ledgers.at(key.text()), w.now);  // as the watch sees them
      w.coordinator->on_baseline(w.baselines.at(key.text()), w.now);
      if (deleted) {  // a namespace that goes deletes in any order
        w.coordinator->on_ledger_gone(w.ledgers.extract(key.text()).mapped(), w.now);
        w.coordinator->on_baseline_gone(w.baselines.extract(key.text()).mapped(), w.now);
      }
      w.coordinator->on_deployment_gone(w.deployment_object(app), w.now);
      w.set_image(app, "v2.0");
      w.roll(app);
      w.run(15s);
      const auto releases = w.ledger(app).releases;
      BOOST_TEST(std::any_of(releases.begin(), releases.end(), [](const ReleaseRecord& r) { return r.name == "v1.0"; }) == !deleted);
    }
}

/// What another coordinator did meanwhile, on the ledger as it is.
void somebody_writes(World& w, const std::function<void(object&)>& change) {
  object& ledger = w.ledgers.at(key.text());
  change(ledger);
  ledger["metadata"].as_object()["resourceVersion"] = "100000";
}

BOOST_AUTO_TEST_CASE(a_newer_ledger_of_another_coordinator_is_never_overwritten) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  somebody_writes(w, [](object& l) { l["status"].as_object()["frozen"] = true; });
  w.set_image(app, "v1.2");
  w.roll(app);
  w.run(20s);  // its watch is late
  BOOST_TEST(w.ledger(app).frozen);
  BOOST_TEST(w.ledger(app).releases.size() == 1u);
  w.coordinator->on_ledger(w.ledgers.at(key.text()), w.now);
  w.run(15s);
  BOOST_TEST(w.told("LedgerConflict") == 1u);
  BOOST_TEST(w.ledger(app).frozen);
  BOOST_TEST(w.ledger(app).releases.size() == 2u);  // seen again in the cluster
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.run(30s);
  BOOST_TEST(w.patches.empty());
  BOOST_TEST(w.state(app) == "Frozen");
}

BOOST_AUTO_TEST_CASE(an_unreadable_ledger_that_appears_under_a_running_coordinator_is_left_alone_too) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  somebody_writes(w, [](object& l) { l["status"].as_object()["schema"] = 99; });
  w.coordinator->on_ledger(w.ledgers.at(key.text()), w.now);
  w.set_image(app, "v1.2");
  w.roll(app);
  w.run(1min);
  BOOST_TEST(w.ledgers.at(key.text()).at("status").at("schema").as_int64() == 99);
  BOOST_TEST(w.told("LedgerUnreadable") == 1u);
}

BOOST_AUTO_TEST_CASE(a_label_on_the_ledger_is_no_conflict) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  somebody_writes(w, [](object& l) { l["metadata"].as_object()["labels"].as_object()["team"] = "a"; });
  w.coordinator->on_ledger(w.ledgers.at(key.text()), w.now);
  BOOST_TEST(w.coordinator->freeze(key, {}, w.now).has_value());
  w.run(10s);
  BOOST_TEST(w.told("LedgerConflict") == 0u);
  BOOST_TEST(w.ledger(app).frozen);  // what a person said is not lost
}

BOOST_AUTO_TEST_CASE(a_baseline_that_is_gone_is_known_by_its_name) {
  BOOST_TEST((owner_of({{"metadata", object{{"namespace", "shop"}, {"name", "deployment.test-app"}}}}) == key));
  BOOST_TEST(!owner_of({{"metadata", object{{"namespace", "shop"}, {"name", "test-app"}}}}).has_value());
  WorkloadKey longer{"shop", "Deployment", std::string(250, 'a')};
  const object spec{{"workload", object{{"name", longer.name}}}};
  BOOST_TEST((owner_of({{"metadata", object{{"namespace", "shop"}, {"name", longer.ledger_name()}}}, {"spec", spec}}) == longer));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::coordinator::test
