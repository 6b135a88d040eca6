#pragma once
/// A pull parser for what a /metrics endpoint answers: Prometheus text format 0.0.4 and OpenMetrics 1.0
/// (github.com/prometheus/docs "exposition_formats"; github.com/OpenObservability/OpenMetrics, specification 1.0).
///
/// One pass over the buffer; what it yields are views into it. Only label values and help texts with escapes are copied,
/// into a buffer of the parser that is used again for every line, so a warm parser allocates nothing.
///
///   parser.start(body, Dialect::openmetrics);
///   for (;;) switch (parser.next()) {
///     case ExpositionItem::sample: detector.observe(parser.sample()); break;
///     case ExpositionItem::error:  return fail(parser.error().message);
///     case ExpositionItem::end:    return {};
///     default: break;  // metadata
///   }
///
/// `Strictness::scrape` accepts what Prometheus' scraper accepts. `Strictness::specification` also refuses lines that the
/// specification forbids; the rules that span lines (order, groups, duplicates, histograms) are exposition_rules.hpp's.
#include "agent/core/exposition_family.hpp"
#include "agent/core/exposition_format.hpp"
#include "agent/core/sample.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <vector>

namespace charon::agent {

/// Passing one of these is an error (Errc::too_large), never a silent cut.
struct ExpositionLimits {
  std::size_t bytes = 16 << 20;       ///< of the whole text
  std::size_t samples = 200'000;
  std::size_t labels = 128;           ///< of one sample or exemplar
  std::size_t name_bytes = 1024;      ///< of one metric or label name
  std::size_t value_bytes = 16'384;   ///< of one label value, escapes included, and of one help text
};

struct ExpositionError {
  Errc code = Errc::invalid_input;
  std::size_t line = 0;    ///< from 1
  std::size_t column = 0;  ///< from 1, in bytes
  std::string message;     ///< what was expected
};

/// "line 3, column 7: expected ..."
Error to_error(const ExpositionError& error);

struct ExemplarView {
  std::span<const LabelView> labels;
  double value = 0;
  std::optional<double> timestamp;  ///< seconds since the epoch
};

/// A sample and where its parts stand, for messages. Valid until the next call of next().
struct ExpositionSample : SampleView {
  std::optional<ExemplarView> exemplar;
  std::string_view value_text;      ///< as written
  std::string_view timestamp_text;  ///< as written; empty: none
  std::string_view exemplar_text;   ///< from its # on; empty: none
};

/// A # TYPE, # HELP or # UNIT line. Views: as of the sample.
struct ExpositionMetadata {
  std::string_view family;
  FamilyType type = FamilyType::unknown;  ///< of a # TYPE line
  std::string_view text;                  ///< help (unescaped) or unit
};

enum class ExpositionItem { sample, type, help, unit, end, error };

class ExpositionParser {
 public:
  explicit ExpositionParser(ExpositionLimits limits = {});

  /// `text` must outlive the parsing.
  void start(std::string_view text, Dialect dialect, Strictness strictness = Strictness::scrape);

  /// The next item. After `error` the following call goes on with the next line (for a tool that lists all findings);
  /// a scraper stops there. Errors that concern the whole text (size, missing # EOF) come once, then `end`.
  ExpositionItem next();

  const ExpositionSample& sample() const { return sample_; }
  const ExpositionMetadata& metadata() const { return metadata_; }
  const ExpositionError& error() const { return error_; }
  /// Of the item last returned.
  std::size_t line() const { return line_; }
  /// Of a place in the current line.
  std::size_t column(const char* place) const { return static_cast<std::size_t>(place - line_begin_) + 1; }

 private:
  bool openmetrics() const { return dialect_ == Dialect::openmetrics; }
  bool strict() const { return strictness_ == Strictness::specification; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(line_end_ - at_)}; }
  bool at_line_end() const { return at_ == line_end_; }

  bool begin_line();
  void skip_blanks();
  ExpositionItem finish();
  ExpositionItem fail_at(const char* place, std::string message, Errc code = Errc::invalid_input);
  bool refuse(const char* place, std::string message, Errc code = Errc::invalid_input);
  std::string found() const;

  ExpositionItem prometheus_hash_line(bool& is_comment);
  ExpositionItem openmetrics_hash_line();
  ExpositionItem metadata_line(ExpositionItem kind);
  ExpositionItem sample_line();
  bool read_metric_name(std::string_view& name);
  bool read_labels(std::vector<LabelView>& labels);
  bool read_label(std::vector<LabelView>& labels);
  bool read_label_value(std::string_view& value);
  bool read_number(std::string_view what, std::string_view& text, double& value);
  bool read_timestamp(std::string_view& text, std::optional<double>& timestamp);
  bool read_exemplar();
  bool expect_space(std::string_view before);
  std::string_view read_token();
  bool unescape(std::string_view raw, bool quotes, std::string_view& out);

  ExpositionLimits limits_;
  Dialect dialect_ = Dialect::prometheus;
  Strictness strictness_ = Strictness::scrape;

  const char* next_line_ = nullptr;  ///< where the line after the current one begins
  const char* end_ = nullptr;
  const char* line_begin_ = nullptr;
  const char* line_end_ = nullptr;   ///< at its newline or the end of the text
  const char* at_ = nullptr;
  std::size_t line_ = 0;
  std::size_t samples_ = 0;
  bool seen_eof_ = false, done_ = false;

  std::string_view family_;
  FamilyType type_ = FamilyType::unknown;
  ExpositionSample sample_;
  ExpositionMetadata metadata_;
  ExpositionError error_;
  std::vector<LabelView> labels_, exemplar_labels_;
  std::string unescaped_;  ///< of the current line; sized before it is filled, so views into it stay valid
};

}  // namespace charon::agent
