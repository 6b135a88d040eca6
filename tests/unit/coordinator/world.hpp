#pragma once
/// A small cluster in memory around one Coordinator: raw API objects in, its actions carried out, time by hand.
#include "coordinator/core/coordinator.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/release_ledger.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

namespace charon::coordinator::test {

using namespace std::chrono_literals;
using boost::json::array;
using boost::json::object;
using boost::json::value;

inline const Time start_of_time = *parse_time("2026-11-23T12:00:00Z");
inline std::string digest_of(std::string_view tag) { return fmt::format("sha256:{:064x}", std::hash<std::string_view>{}(tag)); }

/// RFC 7386.
inline value merged(value target, const value& patch) {
  if (!patch.is_object()) return patch;
  object out = target.is_object() ? target.get_object() : object{};
  for (const auto& [key, change] : patch.get_object()) {
    if (change.is_null()) out.erase(key);
    else out[key] = merged(out.contains(key) ? out[key] : value(), change);
  }
  return out;
}

struct Agent {
  wire::Verdict verdict = wire::Verdict::inconclusive;
  double log_evidence = 0;
  wire::DetectorKind detector = wire::DetectorKind::charon;
  std::vector<wire::ExcludedMetric> excluded;
  std::optional<wire::Suspension> suspended;
  std::optional<Time> since;
  bool silent = false;
  std::uint64_t sequence = 0;
  double alpha = 0;
  wire::HelloReply hello;
  wire::ReportReply reply;
  std::string boot = "boot-1";
  std::uint64_t good = 0, bad = 0, windows = 0, process_restarts = 0;
  Duration scrape_interval{5'000};
  double log_ratios = 0;  ///< sums, of every size of effect
  std::vector<wire::LevelStart> level_starts;
  bool by_level = false;  ///< what it shows against the release is a level
};

struct Pod {
  std::string name, uid, node, tag, replica_set, phase = "Running";
  Time started{};
  bool ready = true;
  bool deleting = false;    ///< it was told to end, and has not yet
  object container_status;  ///< merged over the usual one
  Agent agent;
};

struct App {
  std::string ns, name, uid, tag = "v1.0";
  std::vector<std::string> nodes;
  object annotations, labels;
  std::int64_t generation = 1;
  std::uint64_t version = 1;
  object pod_template;
  bool paused = false, deadline_exceeded = false, came_up = false;  ///< came_up: the rollout completed, whatever came later
  std::string manager = "kubectl";
  std::map<std::string, Pod> pods;       ///< by uid
  std::map<std::string, object> replica_sets;  ///< name -> template
};

class World {
 public:
  explicit World(CoordinatorConfig config = {}) : config_(config) { restart(); }

  /// A new coordinator process: it reads what the API server has.
  void restart() {
    coordinator = std::make_unique<Coordinator>(config_, Log([this](std::string_view line) { lines.emplace_back(line); }, [this] { return now; }));
    for (const std::string& ns : namespaces) publish_namespace(ns);
    for (const auto& [name, ledger] : ledgers) coordinator->on_ledger(ledger, now);
    for (const auto& [name, baseline] : baselines) coordinator->on_baseline(baseline, now);
    for (const std::string& policy : policies) coordinator->on_policy(boost::json::parse(policy).as_object(), now);
    for (auto& [key, app] : apps) publish(app);
    coordinator->synced(now);
    for (auto& [key, app] : apps)
      for (auto& [uid, pod] : app.pods) pod.agent.alpha = 0;
  }

  App& deploy_new(const std::string& ns, const std::string& name, std::vector<std::string> nodes, std::string tag = "v1.0") {
    if (std::find(namespaces.begin(), namespaces.end(), ns) == namespaces.end()) {
      namespaces.push_back(ns);
      publish_namespace(ns);
    }
    App& app = apps[ns + "/" + name];
    app.ns = ns;
    app.name = name;
    app.uid = "uid-" + ns + "-" + name;
    app.nodes = std::move(nodes);
    set_image(app, tag);
    return app;
  }
  void set_image(App& app, const std::string& tag) {
    app.tag = tag;
    app.pod_template = boost::json::parse(fmt::format(R"({{"metadata":{{"creationTimestamp":null,"labels":{{"app":"{0}"}}}},"spec":{{"containers":[
        {{"name":"app","image":"registry:5000/{0}:{1}","resources":{{}}}},{{"name":"proxy","image":"registry:5000/proxy:1.0"}}],"restartPolicy":"Always"}}}})", app.name, tag)).as_object();
    changed(app);
  }
  void changed(App& app) {
    app.came_up = false;
    ++app.generation;
    ++app.version;
    publish(app);
  }
  /// The Deployment controller: pods on these nodes (all if none are named) are of the present template from now on.
  void roll(App& app, std::vector<std::string> nodes = {}) {
    if (nodes.empty()) nodes = app.nodes;
    const std::string replica_set = current_replica_set(app);
    for (const std::string& node : nodes) {
      for (auto pod = app.pods.begin(); pod != app.pods.end();) {
        if (pod->second.node == node && pod->second.replica_set != replica_set) {
          coordinator->on_pod_gone(pod_object(app, pod->second), now);
          pod = app.pods.erase(pod);
        } else {
          ++pod;
        }
      }
      if (std::any_of(app.pods.begin(), app.pods.end(), [&](const auto& p) { return p.second.node == node; })) continue;
      Pod pod;
      pod.uid = fmt::format("pod-{}", ++uids_);
      pod.name = fmt::format("{}-{}", replica_set, uids_);
      pod.node = node;
      pod.tag = app.tag;
      pod.replica_set = replica_set;
      pod.started = now;
      pod.container_status = new_container_status;
      app.pods.emplace(pod.uid, std::move(pod));
    }
    publish(app);
  }
  void evict(App& app, std::string_view node) {
    for (auto pod = app.pods.begin(); pod != app.pods.end(); ++pod)
      if (pod->second.node == node) {
        coordinator->on_pod_gone(pod_object(app, pod->second), now);
        app.pods.erase(pod);
        return;
      }
  }
  Pod& pod_on(App& app, std::string_view node) {
    for (auto& [uid, pod] : app.pods)
      if (pod.node == node) return pod;
    BOOST_FAIL("no pod on that node");
    throw std::logic_error("unreachable");
  }
  void publish(App& app) {
    const std::string hash_name = current_replica_set(app);
    const auto pod_template = app.pod_template;
    app.replica_sets.try_emplace(hash_name, pod_template);
    const auto up = [&](const auto& p) { return p.second.ready && p.second.replica_set == hash_name; };
    if (app.pods.size() == app.nodes.size() && std::all_of(app.pods.begin(), app.pods.end(), up)) app.came_up = true;
    coordinator->on_deployment(deployment_object(app), now);
    for (const auto& [name, of] : app.replica_sets) {
      object labelled = of;
      labelled["metadata"].as_object()["labels"].as_object()["pod-template-hash"] = name;
      coordinator->on_replica_set({{"metadata", object{{"uid", app.uid + name}, {"namespace", app.ns}, {"name", name}, {"ownerReferences", array{owner("Deployment", app.name, app.uid)}}}},
                                   {"spec", object{{"template", labelled}}}}, now);
    }
    for (auto& [uid, pod] : app.pods) coordinator->on_pod(pod_object(app, pod), now);
    coordinator->on_deployment(deployment_object(app), now);
  }

  /// Every agent says hello if it has to, and reports.
  void report() {
    for (auto& [key, app] : apps)
      for (auto& [uid, pod] : app.pods) {
        Agent& a = pod.agent;
        if (a.silent) continue;
        if (a.alpha == 0) hello(app, pod);
        if (a.alpha > 0) report(app, pod);
      }
  }
  Result<wire::HelloReply> hello(App& app, Pod& pod) {
    auto reply = coordinator->hello(identity(app, pod), {BootId(pod.agent.boot), "0.1.0"}, now);
    if (reply) {
      pod.agent.hello = *reply;
      pod.agent.alpha = reply->alpha;
    }
    return reply;
  }
  Result<wire::ReportReply> report(App& app, Pod& pod) {
    Agent& a = pod.agent;
    wire::Report r;
    r.boot_id = BootId(a.boot);
    r.sequence = ++a.sequence;
    r.scrape_interval = a.scrape_interval;
    r.verdict = a.verdict;
    r.log_evidence = a.log_evidence;
    r.detector = a.detector;
    r.excluded = a.excluded;
    r.suspended = a.suspended;
    r.started = pod.started;
    r.degraded_since = a.since;
    r.process_restarts = a.process_restarts;
    a.good += 100;
    a.windows += 2;
    if (a.verdict == wire::Verdict::fail && a.by_level) r.culprits.push_back({"go_goroutines", wire::MetricKind::level, 90, 180, a.log_evidence});
    else if (a.verdict == wire::Verdict::fail) r.culprits.push_back({"http_requests_total", wire::MetricKind::error_ratio, 0.001, 0.08, a.log_evidence});
    r.ratios.push_back({"http_requests_total", wire::MetricKind::error_ratio, 0.4, pod.started, {a.log_ratios, a.log_ratios, a.log_ratios, a.log_ratios}});
    for (wire::LevelStart& level : a.level_starts) level.precision *= 1.01;  // one more scrape
    r.level_starts = a.level_starts;
    r.totals.push_back({"http_requests_total", wire::MetricKind::error_ratio, {}, {a.good, a.bad}, a.windows});
    auto reply = coordinator->report(identity(app, pod), r, now);
    if (reply) a.reply = *reply;
    return reply;
  }
  AgentIdentity identity(const App& app, const Pod& pod) const {
    AgentIdentity out;
    out.ns = app.ns;
    out.pod = pod.name;
    out.pod_uid = PodUid(pod.uid);
    out.node = pod.node;
    return out;
  }
  /// The agent judges its release bad, since `since`.
  void fails(Pod& pod, Time since) {
    pod.agent.verdict = wire::Verdict::fail;
    pod.agent.log_evidence = 30;
    pod.agent.since = since;
  }
  void suffers(Pod& pod, Time since) {
    pod.agent.log_evidence = 4;
    pod.agent.since = since;
  }
  /// Its application container is killed for want of memory, and starts again.
  void out_of_memory(App& app, std::string_view node) {
    pod_on(app, node).container_status = boost::json::parse(fmt::format(R"({{"restartCount":1,"lastState":{{"terminated":{{"exitCode":137,"reason":"OOMKilled","finishedAt":"{}"}}}}}})", format_time(now))).as_object();
    publish(app);
  }
  void publish_node(const std::string& name, const std::string& pressure = {}) {
    object node{{"metadata", object{{"name", name}, {"uid", "uid-" + name}}}};
    array conditions{object{{"type", "Ready"}, {"status", "True"}}};
    if (!pressure.empty()) conditions.push_back(object{{"type", pressure}, {"status", "True"}, {"lastTransitionTime", format_time(now)}});
    node["status"] = object{{"conditions", conditions}};
    coordinator->on_node(node, now);
  }
  void pass_all(App& app) {
    for (auto& [uid, pod] : app.pods) pod.agent.verdict = wire::Verdict::pass;
  }

  /// Time passes: a tick each second, reports each five.
  void run(Duration span) {
    for (const Time end = now + span; now < end;) {
      now += 1s;
      if ((now - start_of_time).count() % 5'000 == 0) report();
      tick();
    }
  }
  /// An intent is in the ledger, its PATCH is not made yet.
  void run_until_intended(const App& app) {
    for (int i = 0; i < 60 && (!ledger(app).intent || ledger(app).intent->phase != IntentPhase::intended); ++i) run(1s);
    BOOST_REQUIRE((ledger(app).intent && ledger(app).intent->phase == IntentPhase::intended));
    BOOST_REQUIRE(patches.empty());
  }
  void set_policy(const std::string& spec) {
    policies = {fmt::format(R"({{"metadata":{{"namespace":"shop","name":"p","uid":"p"}},"spec":{}}})", spec)};
    coordinator->on_policy(boost::json::parse(policies[0]).as_object(), now);
  }
  void tick() {
    for (const Action& action : coordinator->tick(now)) carry_out(action);
  }
  void carry_out(const Action& action) {
    if (const auto* write = std::get_if<WriteLedger>(&action)) {
      ++ledger_writes;
      if (!api_up) return coordinator->outcome(action, fail(Errc::unavailable, "API server"), now);
      if (auto refused = refuse(write->object, ledgers, write->key)) return coordinator->outcome(action, *refused, now);
      object stored = write->object;
      stored["metadata"].as_object()["resourceVersion"] = std::to_string(++versions_);
      ledgers[write->key.text()] = stored;
      coordinator->outcome(action, stored, now);
    } else if (const auto* baseline = std::get_if<WriteBaseline>(&action)) {
      if (auto refused = refuse(baseline->object, baselines, baseline->key)) return coordinator->outcome(action, *refused, now);
      object stored = baseline->object;
      stored["metadata"].as_object()["resourceVersion"] = std::to_string(++versions_);
      baselines[baseline->key.text()] = stored;
      coordinator->outcome(action, stored, now);
    } else if (const auto* patch = std::get_if<PatchWorkload>(&action)) {
      if (patch_error) return coordinator->outcome(action, *patch_error, now);
      if (lose_patches) return;  // the process dies before it can
      App& app = apps.at(patch->key.text());
      const auto body = deployment_patch(patch->plan, deployment_object(app));
      if (!body) return coordinator->outcome(action, body.error(), now);
      if (const auto* stale = std::get_if<Stale>(&*body)) return coordinator->outcome(action, fail(Errc::conflict, stale->why), now);
      patches.push_back(std::get<object>(*body));
      const object patched = merged(deployment_object(app), patches.back()).as_object();
      app.pod_template = patched.at("spec").at("template").as_object();
      app.annotations = object_at(patched, {"metadata", "annotations"});
      app.paused = flag_at(patched, {"spec", "paused"});
      app.tag = std::string(app.pod_template.at("spec").at("containers").at(0).at("image").as_string());
      app.tag = app.tag.substr(app.tag.find(':', app.tag.find('/')) + 1);
      ++app.generation;
      ++app.version;
      app.manager = "charon";
      app.came_up = false;
      if (lose_answers) return;
      coordinator->outcome(action, deployment_object(app), now);
      publish(app);
    } else {
      events.push_back(std::get<EmitEvent>(action));
    }
  }

  object deployment_object(const App& app) const {
    std::int64_t updated = 0, ready = 0;
    for (const auto& [uid, pod] : app.pods) {
      if (pod.replica_set == current_replica_set(app)) ++updated;
      if (pod.ready) ++ready;
    }
    object out = boost::json::parse(fmt::format(
        R"({{"metadata":{{"namespace":"{}","name":"{}","uid":"{}","resourceVersion":"{}","generation":{},"managedFields":[
            {{"manager":"{}","operation":"Update","time":"{}","fieldsV1":{{"f:spec":{{"f:template":{{}}}}}}}}]}},
            "spec":{{"replicas":{},"paused":{}}},"status":{{"observedGeneration":{},"replicas":{},"updatedReplicas":{},"readyReplicas":{},"conditions":[
            {{"type":"Progressing","status":"{}","reason":"{}"}}]}}}})",
        app.ns, app.name, app.uid, app.version, app.generation, app.manager, format_time(now), app.nodes.size(), app.paused, app.generation, app.pods.size(), updated, ready,
        app.deadline_exceeded ? "False" : "True", app.deadline_exceeded ? "ProgressDeadlineExceeded" : app.came_up ? "NewReplicaSetAvailable" : "ReplicaSetUpdated")).as_object();
    out["metadata"].as_object()["annotations"] = app.annotations;
    out["metadata"].as_object()["labels"] = app.labels;
    out["spec"].as_object()["template"] = app.pod_template;
    return out;
  }
  /// As the API server does: what is replaced must be there, what is created must not.
  static std::optional<Error> refuse(const object& written, const std::map<std::string, object>& stored, const WorkloadKey& key) {
    const std::string version = text_at(written, {"metadata", "resourceVersion"});
    const auto there = stored.find(key.text());
    if (there == stored.end()) return version.empty() ? std::nullopt : std::optional(fail(Errc::not_found, "replaced"));
    if (version.empty()) return fail(Errc::conflict, "created");
    if (version != text_at(there->second, {"metadata", "resourceVersion"})) return fail(Errc::conflict, "another version");
    return std::nullopt;
  }
  std::string state(const App& app) const { return text_at(ledgers.at(app.ns + "/" + app.name), {"status", "state"}); }
  std::string stable(const App& app) const { return text_at(ledgers.at(app.ns + "/" + app.name), {"status", "stable"}); }
  std::string reason(const App& app) const { return text_at(ledgers.at(app.ns + "/" + app.name), {"status", "reason"}); }
  ReleaseLedger ledger(const App& app) const { return read_ledger(ledgers.at(app.ns + "/" + app.name))->second; }
  bool logged(std::string_view part) const {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(part) != line.npos; });
  }
  std::size_t told(std::string_view reason) const {
    return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const EmitEvent& e) { return e.reason == reason; }));
  }

  /// v1.0 runs everywhere and is adopted; agents have reported.
  App& settled(const std::string& name, std::vector<std::string> nodes) {
    App& app = deploy_new("shop", name, std::move(nodes));
    roll(app);
    run(31min);
    BOOST_REQUIRE_EQUAL(state(app), "Stable");
    return app;
  }
  /// v1.0 is settled on `nodes`; `tag` has replaced it on all of them, for `span` by now.
  App& judging(const std::string& tag, Duration span = 15s, std::vector<std::string> nodes = {"node-1", "node-2"}) {
    App& app = settled("test-app", std::move(nodes));
    set_image(app, tag);
    roll(app);
    run(span);
    return app;
  }
  /// Eight workloads, a node each, proven on v1.0 and now all on v1.2.
  std::vector<App*> eight_on_a_new_release() {
    std::vector<App*> list;
    for (int i = 0; i < 8; ++i) {
      list.push_back(&deploy_new("shop", fmt::format("app-{}", i), {fmt::format("node-{}", i)}));
      roll(*list.back());
    }
    run(31min);
    for (App* app : list) {
      set_image(*app, "v1.2");
      roll(*app);
    }
    run(15s);
    return list;
  }

  Time now = start_of_time;
  std::unique_ptr<Coordinator> coordinator;
  std::vector<std::string> lines;
  std::vector<std::string> namespaces, policies;
  std::map<std::string, App> apps;
  std::map<std::string, object> ledgers, baselines;
  std::vector<object> patches;
  std::vector<EmitEvent> events;
  object new_container_status;  ///< of pods that roll() makes from now on, merged over the usual one
  std::optional<Error> patch_error;  ///< how PATCHes end from now on
  bool api_up = true, lose_patches = false, lose_answers = false;
  int ledger_writes = 0;

 private:
  static object owner(std::string_view kind, std::string_view name, std::string_view uid) { return {{"kind", kind}, {"name", name}, {"uid", uid}, {"controller", true}}; }
  static std::string current_replica_set(const App& app) { return app.name + "-" + template_hash(normalised(app.pod_template)).value; }
  void publish_namespace(const std::string& ns) {
    coordinator->on_namespace({{"metadata", object{{"name", ns}, {"labels", object{{"charon.dev/injection", "enabled"}}}}}}, now);
  }
  object pod_object(const App& app, const Pod& pod) const {
    object status = boost::json::parse(fmt::format(R"({{"name":"app","imageID":"registry:5000/{}@{}","ready":{},"restartCount":0,"state":{{"running":{{"startedAt":"{}"}}}}}})",
                                                   app.name, digest_of(pod.tag), pod.ready, format_time(pod.started))).as_object();
    status = merged(status, pod.container_status).as_object();
    array containers{object{{"name", "app"}, {"image", fmt::format("registry:5000/{}:{}", app.name, pod.tag)}}, object{{"name", "charon-agent"}, {"image", "charon-agent"}}};
    array conditions{object{{"type", "Ready"}, {"status", pod.ready ? "True" : "False"}, {"lastTransitionTime", format_time(pod.started)}}};
    object metadata{{"namespace", app.ns}, {"name", pod.name}, {"uid", pod.uid}, {"creationTimestamp", format_time(pod.started)},
                    {"ownerReferences", array{owner("ReplicaSet", pod.replica_set, app.uid + pod.replica_set)}}};
    if (pod.deleting) metadata["deletionTimestamp"] = format_time(now);
    return {{"metadata", std::move(metadata)},
            {"spec", object{{"nodeName", pod.node}, {"containers", containers}}},
            {"status", object{{"phase", pod.phase}, {"conditions", conditions}, {"containerStatuses", array{status}}}}};
  }

  CoordinatorConfig config_;
  int uids_ = 0, versions_ = 100;
};

}  // namespace charon::coordinator::test
