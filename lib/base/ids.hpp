#pragma once
/// Identifiers that must not be mixed up.
#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace charon {

template <class Tag>
struct Id {
  std::string value;
  Id() = default;
  explicit Id(std::string v) : value(std::move(v)) {}
  bool empty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;
};

using PodUid = Id<struct PodUidTag>;
using BootId = Id<struct BootIdTag>;        ///< one life of an agent process
using Digest = Id<struct DigestTag>;        ///< "sha256:..." of an image manifest
using TemplateHash = Id<struct TemplateHashTag>;  ///< of a normalised pod template

}  // namespace charon

template <class Tag>
struct std::hash<charon::Id<Tag>> {
  std::size_t operator()(const charon::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
