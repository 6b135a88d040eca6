#pragma once
/// What the API server said of a token, kept for a while: known identities and refusals apart, each bounded, so that made
/// up tokens drive out nobody who is known. Keys are hashes of tokens, never tokens.
#include "lib/base/clock.hpp"

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace charon::coordinator {

template <class Identity>
class IdentityCache {
 public:
  struct Bounds {
    std::size_t entries = 20'000;  ///< of each kind; the oldest goes first
    Duration known = std::chrono::minutes{10};
    Duration refused = std::chrono::seconds{30};
  };

  explicit IdentityCache(Bounds bounds) : bounds_(bounds) {}

  /// Empty: ask the API server.
  std::optional<Result<Identity>> find(const std::string& key, Time now) {
    if (auto* entry = known_.find(key, now)) return Result<Identity>(*entry);
    if (auto* entry = refused_.find(key, now)) return Result<Identity>(*entry);
    return std::nullopt;
  }

  /// Only unauthorized and forbidden are kept of errors: an API server that is away says nothing about the token.
  void put(const std::string& key, const Result<Identity>& answer, Time now) {
    if (answer)
      known_.put(key, *answer, now + bounds_.known, bounds_.entries);
    else if (answer.error().is(Errc::unauthorized) || answer.error().is(Errc::forbidden))
      refused_.put(key, answer.error(), now + bounds_.refused, bounds_.entries);
  }

  /// Forgets those that `gone` says true of.
  template <class Gone>
  void drop_if(Gone gone) {
    known_.drop_if(gone);
  }

  std::size_t size() const { return known_.size() + refused_.size(); }

 private:
  template <class Value>
  class Table {
   public:
    Value* find(const std::string& key, Time now) {
      const auto found = places_.find(key);
      if (found == places_.end()) return nullptr;
      if (found->second->until > now) return &found->second->value;
      erase(found->second);
      return nullptr;
    }
    void put(const std::string& key, Value value, Time until, std::size_t capacity) {
      if (const auto found = places_.find(key); found != places_.end()) erase(found->second);
      if (entries_.size() >= capacity) erase(entries_.begin());
      entries_.push_back({key, std::move(value), until});
      places_[key] = std::prev(entries_.end());
    }
    template <class Gone>
    void drop_if(Gone gone) {
      for (auto entry = entries_.begin(); entry != entries_.end();) {
        const auto next = std::next(entry);
        if (gone(entry->value)) erase(entry);
        entry = next;
      }
    }
    std::size_t size() const { return entries_.size(); }

   private:
    struct Entry {
      std::string key;
      Value value;
      Time until;
    };
    using Place = typename std::list<Entry>::iterator;
    void erase(Place place) {
      places_.erase(place->key);
      entries_.erase(place);
    }
    std::list<Entry> entries_;  // oldest first: all of a table live equally long
    std::unordered_map<std::string, Place> places_;
  };

  Bounds bounds_;
  Table<Identity> known_;
  Table<Error> refused_;
};

}  // namespace charon::coordinator
