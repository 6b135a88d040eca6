#include "injector/core/authority_plan.hpp"

#include <algorithm>

namespace charon::injector {

bool due(const Validity& validity, Time now) {
  const auto life = validity.not_after - validity.not_before;
  return now >= validity.not_before + life / 3 * 2;
}

RootAction plan_root(const std::optional<Validity>& root, const std::optional<Validity>& previous, Time now) {
  // An expired root signs nothing that anyone believes, and cannot vouch for its successor.
  if (!root || now >= root->not_after) return RootAction::create;
  if (previous && now >= previous->not_after) return RootAction::drop_previous;
  if (!previous && due(*root, now)) return RootAction::rotate;
  return RootAction::keep;
}

AuthoritySource plan_source(const StoredAuthority& seen) {
  if (seen.secret == StoredAuthority::Secret::readable) {
    if (!seen.held || seen.held_is_ours) return AuthoritySource::stored;
    return seen.held_is_next ? AuthoritySource::write_back : AuthoritySource::cross_sign;
  }
  if (seen.held) return AuthoritySource::write_back;
  const bool expected = seen.expected || seen.secret == StoredAuthority::Secret::unreadable;
  return expected && seen.missing < wait_for_holders ? AuthoritySource::wait : AuthoritySource::create;
}

bool plan_leaf(const std::optional<LeafState>& leaf, const std::vector<std::string>& names, Time now) {
  if (!leaf || !leaf->issued_by_root || !leaf->bundle_current || due(leaf->validity, now)) return true;
  return !std::is_permutation(names.begin(), names.end(), leaf->names.begin(), leaf->names.end());
}

}  // namespace charon::injector
