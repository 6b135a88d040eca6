#include "coordinator/core/api_image_request.hpp"
#include "coordinator/shell/api.hpp"

#include <map>

namespace charon::coordinator {
namespace {

constexpr std::size_t max_looked_at = 128;  ///< workloads of one image; each may cost three questions to the API server
constexpr std::size_t max_listed = 32;      ///< workloads named to a client whose image name fits several

}  // namespace

/// Old clients name an image, which may be anybody's. They learn of workloads only that they may read, or have a right to
/// act on: of others the answer is the same as if there were none.
boost::asio::awaitable<Result<Command>> Api::meant_by_old_client(Command command, Person person, std::string body) {
  const auto wanted = read_image_request(body);
  if (!wanted) co_return wanted.error();
  if (command.call == ApiCall::old_rollout && wanted->tag.empty()) co_return fail(Errc::invalid_input, "tag: rollout needs one");
  command.image = wanted->image;
  command.to = wanted->tag;

  std::map<std::string, bool> readable;  // by namespace
  std::vector<WorkloadKey> visible;
  std::size_t looked_at = 0;
  for (const WorkloadKey& key : parts_.core.find_by_image(wanted->image)) {
    if (++looked_at > max_looked_at) break;
    command.key = key;
    if (!readable.contains(key.ns)) {
      const Access reading = read_ledgers(key.ns);
      Result<bool> reads = co_await may(person, reading);
      if (!reads) co_return reads.error();
      readable[key.ns] = *reads;
    }
    bool sees = readable[key.ns];
    const std::vector<Access> accesses = command.accesses();
    for (std::size_t i = 0; i < accesses.size() && !sees; ++i) {
      Result<bool> acts = co_await may(person, accesses[i]);
      if (!acts) co_return acts.error();
      sees = *acts;
    }
    if (sees) visible.push_back(key);
  }
  if (visible.empty()) co_return fail(Errc::not_found, "no watched workload that you may see runs the image " + wanted->image);
  command.key = visible.front();
  if (visible.size() == 1 && looked_at <= max_looked_at) co_return command;

  std::string names;
  for (std::size_t i = 0; i < visible.size() && i < max_listed; ++i) names += (i == 0 ? "" : ", ") + visible[i].text();
  co_return fail(Errc::conflict, fmt::format("{} workloads run the image {}: {}; use /v1/workloads/NAMESPACE/deployments/NAME/{}", visible.size(), wanted->image,
                                             names, command.action()));
}

boost::asio::awaitable<Result<bool>> Api::may(Person person, Access access) {
  std::vector<Access> accesses(1, std::move(access));
  Result<void> allowed = co_await parts_.authenticator.allowed(std::move(person), std::move(accesses));
  if (!allowed && !allowed.error().is(Errc::forbidden)) co_return allowed.error();
  co_return allowed.has_value();
}

}  // namespace charon::coordinator
