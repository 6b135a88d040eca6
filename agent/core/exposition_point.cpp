#include "agent/core/exposition_point.hpp"

#include <fmt/format.h>

#include <cmath>

namespace charon::agent {

std::optional<std::string> MetricPoint::add(std::string_view suffix, double value, double bound) {
  if (suffix == "_total") total_ = true;
  if (suffix == "_created") created_ = true;
  if (suffix == "_count" || suffix == "_gcount") count_ = value;
  if (suffix == "_sum" || suffix == "_gsum") sum_ = value;
  if (suffix != "_bucket") return std::nullopt;

  std::optional<std::string> expected;
  if (bound_ && !(bound > *bound_)) expected = "expected buckets in ascending order of le";
  else if (bucket_ && value < *bucket_)
    expected = fmt::format("expected a cumulative bucket of at least {}, the value of the one before", *bucket_);
  if (bound < 0) negative_buckets_ = true;
  bound_ = bound;
  bucket_ = value;
  return expected;
}

std::optional<std::string> MetricPoint::finish() const {
  const bool histogram = type_ == FamilyType::histogram || type_ == FamilyType::gauge_histogram;
  if (type_ == FamilyType::counter && dialect_ == Dialect::openmetrics && created_ && !total_)
    return "expected a _total with the counter's _created";
  if (!histogram) return std::nullopt;
  if (!bound_ || !(std::isinf(*bound_) && *bound_ > 0)) return "expected a bucket with le=\"+Inf\"";
  if (count_ && *count_ != *bucket_)
    return fmt::format("expected the count to equal the bucket with le=\"+Inf\": {} is not {}", *count_, *bucket_);
  return dialect_ == Dialect::openmetrics ? finish_openmetrics_histogram() : std::nullopt;
}

std::optional<std::string> MetricPoint::finish_openmetrics_histogram() const {
  const bool gauge = type_ == FamilyType::gauge_histogram;
  const std::string_view count = gauge ? "_gcount" : "_count", sum = gauge ? "_gsum" : "_sum";
  if (sum_ && !count_) return fmt::format("expected a {} with the {}", count, sum);
  if (count_ && !sum_ && !negative_buckets_) return fmt::format("expected a {} with the {}", sum, count);
  if (negative_buckets_ && sum_ && !gauge) return "expected no _sum in a histogram with a negative bucket";
  if (!negative_buckets_ && sum_ && *sum_ < 0) return fmt::format("expected a {} that is not negative, as no bucket is", sum);
  return std::nullopt;
}

}  // namespace charon::agent
