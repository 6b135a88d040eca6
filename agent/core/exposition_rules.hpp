#pragma once
/// The rules of the formats that span lines: what a parser of single lines cannot see. For a tool that checks an exposition,
/// not for the scrape: it keeps every family's name and the current family's series, bounded by ExpositionLimits.
///
/// Of both dialects: one group of lines per family, metadata once and # TYPE before samples, sample names that fit the
/// type, each series once, buckets in order and cumulative with +Inf, le and quantile where they belong.
/// Of OpenMetrics besides: names that must not clash, metrics not interleaved, timestamps on all or none of a metric's
/// points and not going back, values by type (counters not negative, states 0 or 1, info 1), units, exemplars by type.
#include "agent/core/exposition_parser.hpp"
#include "agent/core/exposition_point.hpp"

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

namespace charon::agent {

/// Everything wrong with `text`, by line and column, at most `max_findings`; empty: valid.
std::vector<ExpositionError> check_exposition(std::string_view text, Dialect dialect, ExpositionLimits limits = {},
                                              std::size_t max_findings = 100);

class ExpositionRules {
 public:
  ExpositionRules(Dialect dialect, std::vector<ExpositionError>& findings) : dialect_(dialect), findings_(findings) {}

  /// `parser` tells lines and columns and holds what `kind` says it has read.
  void metadata(ExpositionItem kind, const ExpositionParser& parser);
  void sample(const ExpositionParser& parser);
  void finish() { end_family(); }

 private:
  struct Family {
    std::string name;
    FamilyType type = FamilyType::unknown;
    std::string unit;
    std::size_t line = 0;
    bool has_type = false, has_help = false, has_unit = false, has_samples = false;
  };

  bool openmetrics() const { return dialect_ == Dialect::openmetrics; }
  void find(std::size_t line, std::size_t column, std::string message);
  void begin_family(std::string_view name, std::size_t line);
  void end_family();
  void check_labels(const ExpositionParser& parser, std::string_view suffix);
  void check_value(const ExpositionParser& parser, std::string_view suffix);
  void check_grouping(const ExpositionParser& parser);
  void check_point(const ExpositionParser& parser, std::string_view suffix);
  void make_keys(const ExpositionSample& sample, std::string_view suffix);

  Dialect dialect_;
  std::vector<ExpositionError>& findings_;
  Family family_;
  std::unordered_set<std::string> names_;   ///< of all families, with the suffixes that OpenMetrics reserves
  std::unordered_set<std::string> groups_;  ///< metrics of this family: labels without le, quantile and state
  std::unordered_set<std::string> series_;  ///< of this family: name and labels
  std::map<std::string, MetricPoint> points_;
  std::string group_, series_key_, group_key_;
  std::optional<double> group_timestamp_;
  std::vector<LabelView> sorted_;
};

}  // namespace charon::agent
