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

/// The authority's Secret, as a replica sees it that may hold an authority itself.
struct StoredAuthority {
  enum class Secret { absent, unreadable, readable } secret = Secret::absent;
  bool expected = false;     ///< something tells that there was one: it is unreadable, or certificates of one are about
  bool held = false;         ///< this replica has one in memory, not expired
  bool held_is_ours = true;  ///< readable and held: the stored root is the one held, or was cross-signed by it
  bool held_is_next = false; ///< readable and held: the stored root is the one before the one held
  Duration missing{};        ///< not readable: for how long
};

enum class AuthoritySource {
  stored,       ///< what the Secret holds
  write_back,   ///< what this replica holds: pods know its root
  cross_sign,   ///< what the Secret holds, certified by the root that this replica holds and that pods know
  wait,         ///< for a replica that holds one to write it back
  create,
};

/// How long a replica that holds nothing waits for others: each looks once a minute.
inline constexpr std::chrono::minutes wait_for_holders{3};

/// A root is never replaced in silence while pods may be about that believe only it.
AuthoritySource plan_source(const StoredAuthority& seen);

struct LeafState {
  Validity validity;
  std::vector<std::string> names;
  bool issued_by_root = false;  ///< by the present root
  bool bundle_current = true;   ///< the trust bundle stored beside it is today's
};

/// Whether a server certificate has to be issued: none yet, due, another root, other names, or an old bundle beside it.
bool plan_leaf(const std::optional<LeafState>& leaf, const std::vector<std::string>& names, Time now);

}  // namespace charon::injector
