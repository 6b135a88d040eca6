#pragma once
/// A namespace's LimitRanges, as far as they bound the agent's processor, memory and local storage.
#include "lib/base/error.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace charon::injector {

enum class ResourceKind { cpu, memory, storage };
/// As Kubernetes spells it: "cpu", "memory", "ephemeral-storage".
std::string_view name(ResourceKind kind);

/// A Kubernetes quantity (a string or a number) in milli-cores or bytes, rounded up; empty where it is none.
std::optional<std::int64_t> amount_of(const boost::json::value& quantity, ResourceKind kind);

/// Of one resource. Amounts are milli-cores or bytes.
struct Bounds {
  std::optional<std::int64_t> min, max;
  std::optional<double> limit_request_ratio;
};

struct LimitRangeItem {
  bool of_pod = false;  ///< type Pod: bounds the sum over containers; else type Container
  Bounds cpu, memory, storage;
  const Bounds& of(ResourceKind kind) const;
};

/// Items of type Container and Pod of a LimitRange object; quantities that do not parse are left out, as the API server
/// never stores such.
std::vector<LimitRangeItem> limit_range_items(const boost::json::object& limit_range);

}  // namespace charon::injector
