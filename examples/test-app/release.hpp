#pragma once
/// What a release of the test-app is: what a request costs, what is wrong with it, and on which devices that shows.
/// An image bakes it in as environment variables (examples/test-app/Dockerfile), so that two releases differ in their
/// image alone, as in real life.
#include "examples/test-app/device.hpp"
#include "lib/base/clock.hpp"

#include <functional>
#include <optional>
#include <string>

namespace charon::test_app {

enum class Fault {
  none,
  errors,  ///< TEST_APP_FAULT_SHARE of the requests are answered 500
  slow,    ///< each request waits TEST_APP_FAULT_DELAY longer
  leak,    ///< each request keeps TEST_APP_LEAK_KIB for ever, up to TEST_APP_LEAK_LIMIT_MIB
  crash,   ///< the process ends with status 1 after TEST_APP_CRASH_AFTER
};

/// Where a fault shows, as the device itself can be measured.
struct Where {
  std::optional<double> processor_below;       ///< "cpu<0.5": share of one core
  std::optional<std::uint64_t> memory_below;   ///< "memory<64Mi": bytes
  std::optional<std::string> label;            ///< "label:disk=slow": of the node (node_labels.hpp)
};
/// No condition: everywhere.
bool shows(const Where& where, const Device& device);

struct Release {
  std::string version = "v1.0";
  /// Processor work of one request, in rounds of `work()`. It needs no fault to go wrong: a release that works 20 times
  /// as much is as good as before where the processor keeps up, and misses its deadline on a device where it does not.
  std::uint64_t work = 40;
  Duration backend{20};         ///< mean wait for what the service would call; uniform in [half, one and a half]
  Duration deadline{250};       ///< of one request; what is not answered by then is answered 503
  double error_share = 0.001;   ///< of a healthy service
  double requests_per_second = 10;
  Duration burst{1'000};        ///< requests arrive together, once in so long
  Fault fault = Fault::none;
  Where where;
  double fault_share = 0.25;
  Duration fault_delay{400};
  std::size_t leak_bytes = 256 * 1024;
  std::size_t leak_limit = 96u << 20;
  Duration crash_after{3'000};
};

/// Reads TEST_APP_* through `env` (null: not set). Errors: invalid_input with the variable's name.
Result<Release> read_release(const std::function<const char*(const char*)>& env);

}  // namespace charon::test_app
