#include "ctl/answer_text.hpp"
#include "ctl/command_line.hpp"
#include "ctl/replay.hpp"
#include "lib/net/http_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace {

using namespace charon;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

Result<std::string> file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Errc::not_found, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<HttpResponse> ask(const ctl::CommandLine& command) {
  auto tls = net::TlsClient::create(command.ca_pem);
  if (!tls) return tls.error();
  net::HttpClientConfig config;
  config.host = command.host;
  config.port = command.port;
  config.verify_name = command.server_name;
  config.tls = *tls;
  boost::asio::io_context context(1);
  net::HttpClient client(context.get_executor(), config);
  Result<HttpResponse> answer = fail(Errc::unavailable, "no answer");
  boost::asio::co_spawn(context, client.request(command.request(), std::chrono::seconds{30}),
                        [&](std::exception_ptr, Result<HttpResponse> response) { answer = std::move(response); });
  context.run();
  return answer;
}

}  // namespace

/// Exit status: 0 done, 1 refused or failed, 2 wrong usage; of replay: ctl/replay.hpp.
int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "replay") return ctl::replay_command(std::vector<std::string>(argv + 2, argv + argc));
  std::string text;
  const auto command = ctl::read_command_line(std::vector<std::string>(argv + 1, argv + argc), {variable, file}, text);
  if (!command) {
    fmt::print(stderr, "charonctl: {}\n", command.error().context);
    return 2;
  }
  if (!*command) {
    fmt::print("{}", text);
    return 0;
  }
  const auto answer = ask(**command);
  if (!answer) {
    fmt::print(stderr, "charonctl: {}\n", answer.error().message());
    return 1;
  }
  const bool refused = answer->status >= 300;
  fmt::print(refused ? stderr : stdout, "{}", ctl::answer_text(**command, *answer));
  return refused ? 1 : 0;
}
