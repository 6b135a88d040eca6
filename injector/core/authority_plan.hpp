#pragma once
/// When Charon's certificate authority and the certificates under it are made anew. Decides only; the shell does it.
#include "lib/base/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace charon::injector {

struct Validity {
  Time not_before{}, not_after{};
};

/// True from two thirds of the life on: the last third is left for those who are slow to learn.
bool due(const Validity& validity, Time now);

inline constexpr std::chrono::days root_life{3650};
inline constexpr std::chrono::days leaf_life{90};
/// Certificates are valid from a little before now: clocks differ.
inline constexpr std::chrono::minutes backdate{5};

enum class RootAction {
  create,         ///< there is none
  keep,
  rotate,         ///< a new root, cross-signed by the present one, which stays in the trust bundle
  drop_previous,  ///< the root before this one has expired: nobody can still need it
};

RootAction plan_root(const std::optional<Validity>& root, const std::optional<Validity>& previous, Time now);

struct LeafState {
  Validity validity;
  std::vector<std::string> names;
  bool issued_by_root = false;  ///< by the present root
  bool bundle_current = true;   ///< the trust bundle stored beside it is today's
};

/// Whether a server certificate has to be issued: none yet, due, another root, other names, or an old bundle beside it.
bool plan_leaf(const std::optional<LeafState>& leaf, const std::vector<std::string>& names, Time now);

}  // namespace charon::injector
