#include "agent/core/series_store.hpp"

#include <cstring>

namespace charon::agent {
namespace {

constexpr std::uint64_t mix(std::uint64_t x) {  // finaliser of MurmurHash3
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

/// One to one, so that texts which differ in one word have different keys.
constexpr std::uint64_t round(std::uint64_t x, std::uint64_t odd) {
  x *= odd;
  return x ^ (x >> 32);
}

SeriesKey hash(std::string_view text, SeriesKey key) {  // eight bytes at a time, twice, from different starts
  std::uint64_t word = 0;
  const auto add = [&] {
    key.high = round(key.high ^ word, 0xff51afd7ed558ccdULL);
    key.low = round(key.low + word, 0x9e3779b97f4a7c15ULL);
  };
  std::size_t at = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);  // of a known size: one load
    add();
  }
  if (at < text.size()) {
    word = 0;
    std::memcpy(&word, text.data() + at, text.size() - at);
    add();
  }
  return {mix(key.high ^ text.size()), mix(key.low + text.size())};
}

constexpr SeriesKey start{0xcbf29ce484222325ULL, 0x84222325cbf29ce4ULL};

}  // namespace

SeriesKey series_key(std::string_view name, std::span<const LabelView> labels) {
  SeriesKey sum = hash(name, start);
  for (const LabelView& label : labels) {
    const SeriesKey one = hash(label.value, hash(label.name, start));
    sum.high += one.high;  // a sum does not depend on the order
    sum.low += one.low;
  }
  return {mix(sum.high), mix(sum.low)};
}

std::size_t SeriesStore::slot_of(const SeriesKey& key) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = key.low & mask;
  while (table_[slot] != 0 && series_[table_[slot] - 1].key != key) slot = (slot + 1) & mask;
  return slot;
}

Series* SeriesStore::find(const SeriesKey& key) {
  if (table_.empty()) return nullptr;
  const std::uint32_t found = table_[slot_of(key)];
  return found == 0 ? nullptr : &series_[found - 1];
}

Series* SeriesStore::add(const SeriesKey& key) {
  if (series_.size() >= most_) return nullptr;
  if ((series_.size() + 1) * 2 > table_.size()) grow();
  series_.push_back(Series{.key = key});
  table_[slot_of(key)] = static_cast<std::uint32_t>(series_.size());
  return &series_.back();
}

void SeriesStore::grow() {
  table_.assign(table_.empty() ? 64 : table_.size() * 2, 0);
  for (std::size_t i = 0; i < series_.size(); ++i) table_[slot_of(series_[i].key)] = static_cast<std::uint32_t>(i + 1);
}

}  // namespace charon::agent
