#include "injector/shell/certificate_keeper.hpp"
#include "injector/shell/webhook_keeper.hpp"

#include "lib/base/base64.hpp"
#include "tests/integration/injector/fake_api_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

using namespace charon;
using namespace charon::injector;
using namespace charon::injector::test;
using std::chrono::days;

namespace {

const std::string authority_path = "/api/v1/namespaces/system/secrets/charon-ca";
const std::string coordinator_path = "/api/v1/namespaces/system/secrets/charon-coordinator-tls";

struct World {
  asio::io_context context;
  FakeApiServer api{context.get_executor()};
  std::vector<std::string> lines;
  Log log{[this](std::string_view line) { lines.emplace_back(line); }, wall_now};

  std::unique_ptr<CertificateKeeper> keeper() {
    auto client = kube::Client::create(context.get_executor(), api.client(), log).value();
    CertificateConfig config;
    config.ns = "system";
    config.service = "charon-injector";
    config.coordinator_service = "charon-coordinator";
    return std::make_unique<CertificateKeeper>(client, config, log);
  }
  bool logged(std::string_view text) const {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
  std::string stored(const std::string& path, std::string_view key) {
    BOOST_REQUIRE(api.objects.contains(path));
    return base64_decode(text_of(api.objects.at(path).at("data").as_object(), key)).value();
  }
  void run(asio::awaitable<void> test) {
    asio::co_spawn(context, api.serve(), asio::detached);
    asio::co_spawn(context, finish(std::move(test)), [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    });
    context.run();
  }
  asio::awaitable<void> finish(asio::awaitable<void> test) {
    co_await std::move(test);
    co_await api.stop();
  }
};

asio::awaitable<void> refresh(CertificateKeeper& keeper, Time now) {
  const auto refreshed = co_await keeper.refresh(now);
  BOOST_TEST(refreshed.has_value(), (refreshed ? "" : refreshed.error().message()));
}

asio::awaitable<void> made_once(World& world) {
  const auto first = world.keeper(), second = world.keeper();
  const Time now = wall_now();
  // Both start at once: one of them finds the other's.
  int done = 0;
  for (CertificateKeeper* keeper : {first.get(), second.get()})
    asio::co_spawn(world.context, refresh(*keeper, now), [&](std::exception_ptr) { ++done; });
  asio::steady_timer timer(world.context);
  while (done < 2) {
    timer.expires_after(std::chrono::milliseconds{5});
    co_await timer.async_wait(asio::use_awaitable);
  }
  BOOST_TEST(first->bundle() == second->bundle());
  BOOST_TEST(first->bundle() == world.stored(authority_path, "tls.crt"));
  BOOST_TEST(net::issued_by(world.stored(coordinator_path, "tls.crt"), first->bundle()));
  BOOST_TEST(world.stored(coordinator_path, "ca.crt") == first->bundle());
  const auto names = net::inspect(world.stored(coordinator_path, "tls.crt"))->names;
  BOOST_TEST(names == (std::vector<std::string>{"charon-coordinator.system.svc", "charon-coordinator.system.svc.cluster.local"}), boost::test_tools::per_element());

  const std::string before = world.stored(coordinator_path, "tls.crt");
  co_await refresh(*first, now + days{59});
  BOOST_TEST(world.stored(coordinator_path, "tls.crt") == before);
  co_await refresh(*first, now + days{61});
  BOOST_TEST(world.stored(coordinator_path, "tls.crt") != before);
}

asio::awaitable<void> rotated(World& world) {
  const auto keeper = world.keeper();
  const Time now = wall_now();
  co_await refresh(*keeper, now);
  const std::string old_root = keeper->bundle();
  co_await refresh(*keeper, now + days{2500});
  BOOST_TEST(keeper->bundle() == world.stored(authority_path, "tls.crt") + old_root);
  BOOST_TEST(net::issued_by(world.stored(authority_path, "cross.crt"), old_root));
  BOOST_TEST(world.stored(coordinator_path, "ca.crt") == keeper->bundle());
  BOOST_TEST(net::issued_by(world.stored(coordinator_path, "tls.crt"), world.stored(authority_path, "tls.crt")));
  BOOST_TEST(world.stored(coordinator_path, "tls.crt").ends_with(world.stored(authority_path, "cross.crt")));
  co_await refresh(*keeper, now + days{3651});
  BOOST_TEST(keeper->bundle() == world.stored(authority_path, "tls.crt"));
}

json::object secret_of(const Authority& authority) {
  json::object out = authority_secret("system", "charon-ca", authority, "");
  out["metadata"].as_object()["resourceVersion"] = "4711";
  return out;
}

asio::awaitable<void> written_back(World& world) {
  const auto keeper = world.keeper();
  const Time now = wall_now();
  co_await refresh(*keeper, now);
  const std::string root = keeper->bundle(), leaf = world.stored(coordinator_path, "tls.crt");
  const std::string key = world.stored(authority_path, "tls.key");
  const auto other = make_authority(now).value();
  const std::vector<std::pair<const char*, std::string>> damages[] = {
      {}, {{"tls.crt", "no certificate"}}, {{"tls.key", "no key"}}, {{"tls.crt", ""}}, {{"tls.key", other.root.key_pem}}};
  for (const auto& damage : damages) {
    if (damage.empty()) world.api.objects.erase(authority_path);
    for (const auto& [name, value] : damage) world.api.objects.at(authority_path)["data"].as_object()[name] = base64_encode(value);
    world.lines.clear();
    co_await refresh(*keeper, now);
    BOOST_TEST(world.stored(authority_path, "tls.crt") == root);
    BOOST_TEST(world.stored(authority_path, "tls.key") == key);
    BOOST_TEST(keeper->bundle() == root);
    BOOST_TEST(world.stored(coordinator_path, "tls.crt") == leaf);
    BOOST_TEST(world.logged("THE CERTIFICATE AUTHORITY'S SECRET WAS"));
  }
}

asio::awaitable<void> replaced(World& world) {
  const auto keeper = world.keeper(), peer = world.keeper();
  const Time now = wall_now();
  co_await refresh(*keeper, now);
  co_await refresh(*peer, now);
  const std::string known = keeper->bundle();
  const auto other = make_authority(now).value();
  world.api.objects[authority_path] = secret_of(other);
  co_await refresh(*keeper, now);
  BOOST_TEST(keeper->bundle() == other.root.certificate_pem + known);
  BOOST_TEST(net::issued_by(world.stored(authority_path, "cross.crt"), known));
  BOOST_TEST(world.stored(coordinator_path, "tls.crt").ends_with(world.stored(authority_path, "cross.crt")));
  BOOST_TEST(world.logged("HOLDS ANOTHER ROOT"));
  world.lines.clear();
  co_await refresh(*peer, now);
  BOOST_TEST(peer->bundle() == keeper->bundle());
  BOOST_TEST(!world.logged("HOLDS ANOTHER ROOT"));
  // One that has a root before it already has no place for ours, and it is said what that means.
  world.api.objects[authority_path] = secret_of(rotate(make_authority(now).value(), now).value());
  co_await refresh(*keeper, now);
  BOOST_TEST(keeper->bundle() == world.stored(authority_path, "tls.crt") + world.stored(authority_path, "previous.crt"));
  BOOST_TEST(world.logged("cannot reach the coordinator until they are created anew"));
}

asio::awaitable<void> lost(World& world, std::string_view damage) {
  const Time now = wall_now();
  const auto first = world.keeper(), late = world.keeper();
  co_await refresh(*first, now);
  const std::string root = first->bundle();
  const auto spoil = [&] {
    if (damage.empty()) world.api.objects.erase(authority_path);
    else world.api.objects.at(authority_path)["data"].as_object()["tls.crt"] = base64_encode(damage);
  };
  spoil();
  // A replica that holds nothing waits; one that does writes it back.
  const auto waits = co_await late->refresh(now);
  BOOST_REQUIRE(waits.has_error());
  BOOST_TEST(waits.error().is(Errc::unavailable));
  BOOST_TEST(late->tls() == nullptr);
  co_await refresh(*first, now);
  co_await refresh(*late, now);
  BOOST_TEST(late->bundle() == root);
  // Where none holds it, a new one is made in the end, and not in silence.
  spoil();
  const auto alone = world.keeper();
  const auto still = co_await alone->refresh(now);
  BOOST_TEST(still.has_error());
  world.lines.clear();
  co_await refresh(*alone, now + wait_for_holders);
  BOOST_TEST(alone->bundle() != root);
  BOOST_TEST(world.logged("THE CERTIFICATE AUTHORITY WAS LOST"));
}

asio::awaitable<void> out_of_reach(World& world) {
  const auto keeper = world.keeper();
  const Time now = wall_now();
  co_await refresh(*keeper, now);
  const std::string root = keeper->bundle();
  world.api.refused = {authority_path};
  world.lines.clear();
  const auto refreshed = co_await keeper->refresh(now + days{61});
  BOOST_TEST(refreshed.has_error());
  BOOST_TEST(keeper->bundle() == root);
  BOOST_TEST(world.logged("Issued the injector's certificate"));
}

/// Somebody puts another bundle into the webhooks, again and again.
asio::awaitable<void> fought_over(World& world) {
  const std::string path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/charon-injector";
  const std::shared_ptr<CertificateKeeper> certificates = world.keeper();
  co_await refresh(*certificates, wall_now());
  const auto other = make_authority(wall_now()).value();
  world.api.objects[authority_path] = secret_of(other);
  json::object entry{{"name", "a"}, {"clientConfig", json::object{{"caBundle", base64_encode(other.root.certificate_pem)}}}};
  json::object configuration{{"metadata", json::object{{"name", "charon-injector"}, {"uid", "w"}, {"resourceVersion", "1"}}}, {"webhooks", json::array{entry}}};
  world.api.objects[path] = configuration;
  const std::string all = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
  world.api.lists[all] = json::array{configuration};
  world.api.watched[all] = json::serialize(json::object{{"type", "MODIFIED"}, {"object", configuration}}) + "\n";
  net::TaskGroup tasks(world.context.get_executor());
  auto client = kube::Client::create(world.context.get_executor(), world.api.client(), world.log).value();
  WebhookKeeper webhooks(client, "charon-injector", certificates, tasks, world.log);
  tasks.spawn(webhooks.watch());
  asio::steady_timer timer(world.context);
  for (int i = 0; i < 2000 && !world.logged("was changed again"); ++i) {
    timer.expires_after(std::chrono::milliseconds{5});
    co_await timer.async_wait(asio::use_awaitable);
  }
  BOOST_TEST(world.logged("was changed again"));
  BOOST_TEST(world.api.patches[path] == 1);
  const auto& written = world.api.objects.at(path).at("webhooks").as_array()[0].at("clientConfig").as_object();
  BOOST_TEST(base64_decode(text_of(written, "caBundle")).value() == certificates->bundle());
  BOOST_TEST(certificates->bundle().starts_with(other.root.certificate_pem));
  co_await tasks.stop(Duration{1'000});
}

asio::awaitable<void> refused(World& world) {
  world.api.refused = {coordinator_path};
  const auto keeper = world.keeper();
  const auto refreshed = co_await keeper->refresh(wall_now());
  BOOST_TEST(refreshed.has_error());
  BOOST_TEST(refreshed.error().is(Errc::forbidden));
  BOOST_TEST(keeper->tls() != nullptr);  // pods are admitted all the same
}

}  // namespace

BOOST_AUTO_TEST_SUITE(certificate_keeper)

BOOST_AUTO_TEST_CASE(replicas_share_one_authority_and_certificates_are_renewed_at_two_thirds) {
  World world;
  world.run(made_once(world));
  for (const std::string& line : world.lines) BOOST_TEST(line.find("PRIVATE KEY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_new_root_is_cross_signed_and_the_old_one_stays_in_the_bundle) {
  World world;
  world.run(rotated(world));
}

BOOST_AUTO_TEST_CASE(a_deleted_or_spoilt_authority_is_written_back) {
  World world;
  world.run(written_back(world));
}

BOOST_AUTO_TEST_CASE(another_root_in_the_secret_is_cross_signed_by_the_one_that_pods_know) {
  World world;
  world.run(replaced(world));
}

BOOST_AUTO_TEST_CASE(a_replica_without_the_lost_authority_waits_for_one_that_holds_it) {
  for (const std::string_view damage : {"", "no certificate"}) {
    World world;
    world.run(lost(world, damage));
  }
}

BOOST_AUTO_TEST_CASE(an_authority_out_of_reach_goes_on_from_memory) {
  World world;
  world.run(out_of_reach(world));
}

BOOST_AUTO_TEST_CASE(the_webhooks_bundle_is_read_again_before_it_is_written_and_written_seldom) {
  World world;
  world.run(fought_over(world));
}

BOOST_AUTO_TEST_CASE(a_secret_out_of_reach_does_not_keep_the_webhook_from_serving) {
  World world;
  world.run(refused(world));
}

BOOST_AUTO_TEST_SUITE_END()
