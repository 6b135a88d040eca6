#pragma once
/// The last value of each counter series, by label set. Bounded; nothing is allocated once all series are known.
#include "agent/core/sample.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace charon::agent {

/// A series by name and label set, 128 bits of hash: independent of the order of labels, which exporters may change. Two
/// series of one pod collide with a probability of about 1e-31, so the names themselves are not kept.
struct SeriesKey {
  std::uint64_t high = 0, low = 0;
  bool operator==(const SeriesKey&) const = default;
};
SeriesKey series_key(std::string_view name, std::span<const LabelView> labels);

struct Series {
  SeriesKey key;
  std::uint32_t metric = 0;   ///< what it belongs to, by the caller's numbering
  std::uint32_t slot = 0;     ///< which count of that
  std::uint64_t scrape = 0;   ///< the last one that showed it
  double value = 0;           ///< then
  double before = 0;          ///< in the scrape that was committed last
  bool known = false;         ///< `before` is set
};

class SeriesStore {
 public:
  explicit SeriesStore(std::size_t most) : most_(most) {}

  Series* find(const SeriesKey& key);
  /// nullptr: the store is full. `key` must be absent. Pointers stay valid until the next call.
  Series* add(const SeriesKey& key);
  std::span<Series> all() { return series_; }
  std::size_t size() const { return series_.size(); }

 private:
  std::size_t slot_of(const SeriesKey& key) const;
  void grow();

  std::size_t most_;
  std::vector<Series> series_;
  std::vector<std::uint32_t> table_;  // open addressing; 1 + index into series_, 0: free
};

}  // namespace charon::agent
