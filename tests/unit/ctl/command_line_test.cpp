#include "ctl/command_line.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace charon;
using namespace charon::ctl;

namespace {

struct World {
  std::map<std::string, std::string> variables, files;
  Surroundings surroundings() const {
    return {[this](const char* name) { return variables.contains(name) ? variables.at(name) : std::string(); },
            [this](const std::string& path) -> Result<std::string> {
              if (!files.contains(path)) return fail(Errc::not_found, "cannot read " + path);
              return files.at(path);
            }};
  }
};

const World with_environment{{{"CHARON_SERVER", "https://charon.example:9443"}, {"CHARON_TOKEN_FILE", "/token"}, {"CHARON_CA", "/ca"}},
                             {{"/token", "secret\n"}, {"/ca", "PEM"}}};

Result<std::optional<CommandLine>> read(const World& world, std::vector<std::string> arguments) {
  std::string text;
  return read_command_line(arguments, world.surroundings(), text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(verbs_become_calls) {
  struct Case {
    std::vector<std::string> arguments;
    std::string method, target;
  };
  const Case cases[] = {
      {{"workloads"}, "GET", "/v1/workloads"},
      {{"workloads", "-n", "shop"}, "GET", "/v1/workloads?namespace=shop"},
      {{"explain", "shop/test-app"}, "GET", "/v1/workloads/shop/deployments/test-app"},
      {{"rollback", "shop/test-app"}, "POST", "/v1/workloads/shop/deployments/test-app/rollback?dryRun=false"},
      {{"rollback", "shop/test-app", "--to", "v1.0+1", "--dry-run"}, "POST", "/v1/workloads/shop/deployments/test-app/rollback?dryRun=true&to=v1.0%2B1"},
      {{"promote", "shop/test-app"}, "POST", "/v1/workloads/shop/deployments/test-app/promote?dryRun=false"},
      {{"freeze", "shop/a/../b"}, "POST", "/v1/workloads/shop/deployments/a%2F..%2Fb/freeze?dryRun=false"},
      {{"unfreeze", "shop/test-app"}, "POST", "/v1/workloads/shop/deployments/test-app/unfreeze?dryRun=false"},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.target) {
    const auto command = read(with_environment, c.arguments);
    BOOST_REQUIRE_MESSAGE(command.has_value(), (command.has_error() ? command.error().message() : std::string()));
    const HttpRequest request = (*command)->request();
    BOOST_TEST(request.method == c.method);
    BOOST_TEST(request.target == c.target);
    BOOST_TEST(find_header(request.headers, "authorization") == "Bearer secret");
  }
}

BOOST_AUTO_TEST_CASE(options_win_over_the_environment) {
  const auto command = read(with_environment, {"workloads", "--server", "https://localhost", "--token", "mine", "--server-name", "charon-coordinator"});
  BOOST_REQUIRE(command.has_value());
  BOOST_TEST((*command)->host == "localhost");
  BOOST_TEST((*command)->port == "8443");
  BOOST_TEST((*command)->token == "mine");
  BOOST_TEST((*command)->ca_pem == "PEM");
  BOOST_TEST((*command)->server_name == "charon-coordinator");
}

BOOST_AUTO_TEST_CASE(json_is_asked_for_in_two_ways) {
  BOOST_TEST(!(*read(with_environment, {"workloads"}))->json);
  BOOST_TEST((*read(with_environment, {"workloads", "--json"}))->json);
  BOOST_TEST((*read(with_environment, {"workloads", "-o", "json"}))->json);
}

BOOST_AUTO_TEST_CASE(help_needs_nothing) {
  std::string text;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"}, {"--version"}}) {
    const auto command = read_command_line(arguments, World{}.surroundings(), text);
    BOOST_REQUIRE(command.has_value());
    BOOST_TEST(!command->has_value());
    BOOST_TEST(!text.empty());
  }
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_told_apart) {
  const std::vector<std::string> wrong[] = {{"destroy", "a/b"}, {"rollback"}, {"rollback", "test-app"}, {"rollback", "/a"}, {"rollback", "a/"},
                                            {"workloads", "a/b"}, {"freeze", "a/b", "--to", "v1"}, {"workloads", "--server", "http://plain"},
                                            {"workloads", "--output", "yaml"}, {"workloads", "--token-file", "/absent"}, {"workloads", "--nonsense"}};
  for (const auto& arguments : wrong) BOOST_TEST_CONTEXT(arguments[0] << " " << arguments.back()) BOOST_TEST(read(with_environment, arguments).has_error());
  const auto nothing = read(with_environment, {});
  BOOST_REQUIRE(nothing.has_error());
  BOOST_TEST(nothing.error().context.find("see --help") != std::string::npos, nothing.error().context);
  BOOST_TEST(read(World{}, {"workloads"}).has_error());
  BOOST_TEST(read(World{{{"CHARON_SERVER", "https://a"}}, {}}, {"workloads"}).has_error());
}

BOOST_AUTO_TEST_SUITE_END()
