#include "injector/shell/certificate_keeper.hpp"

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

BOOST_AUTO_TEST_CASE(a_secret_out_of_reach_does_not_keep_the_webhook_from_serving) {
  World world;
  world.run(refused(world));
}

BOOST_AUTO_TEST_SUITE_END()
