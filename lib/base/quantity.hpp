#pragma once
/// Kubernetes resource quantities ("100m", "48Mi", "1e3", "0.5"), as apimachinery's resource.Quantity reads and writes
/// them: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#include "lib/base/error.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace charon {

/// An amount in thousandths of its unit: millicores of cpu, thousandths of a byte of memory. What is finer than that is
/// rounded away from zero (as Kubernetes rounds), what is larger than 9.2e15 units (9.2 PB) saturates.
struct Quantity {
  /// How it was written, and is written again.
  enum class Format { decimal, binary, exponent };

  std::int64_t milli = 0;
  Format format = Format::decimal;

  static Quantity of_milli(std::int64_t value) { return {value, Format::decimal}; }
  static Quantity of_bytes(std::int64_t bytes);

  /// Whole units (bytes of memory), rounded away from zero.
  std::int64_t units() const;

  /// By amount only: "1024Mi" equals "1Gi".
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.milli == b.milli; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) { return a.milli <=> b.milli; }
  /// Saturating; the format is the first's.
  friend Quantity operator+(const Quantity& a, const Quantity& b);
  friend Quantity operator-(const Quantity& a, const Quantity& b);
};

/// Suffixes n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent (e3, E-3). At most 64 bytes. Errors: invalid_input.
Result<Quantity> parse_quantity(std::string_view text);

/// The canonical form: no fraction, the largest suffix that leaves none ("0.5" -> "500m", "1024Mi" -> "1Gi").
std::string format_quantity(const Quantity& quantity);

}  // namespace charon
