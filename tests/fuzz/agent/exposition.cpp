/// Any bytes through the parser in every mode, and through the rules. Checks besides what the sanitizers see: views lie
/// where they may, positions lie in the text, and what is valid to the letter is also taken by the scrape.
#include "agent/core/exposition_rules.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace charon::agent;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_sample(const ExpositionParser& parser, std::string_view text) {
  const ExpositionSample& sample = parser.sample();
  require(!sample.name.empty() && sample.name.starts_with(sample.family));
  require(sample.name.data() >= text.data() && sample.name.data() + sample.name.size() <= text.data() + text.size());
  require(parser.column(sample.value_text.data()) > parser.column(sample.name.data()));
  std::size_t read = 0;
  for (const LabelView& label : sample.labels) {
    require(!label.name.empty());
    for (const char c : label.value) read += static_cast<unsigned char>(c);
  }
  if (sample.exemplar)
    for (const LabelView& label : sample.exemplar->labels) read += label.value.size();
  require(read < SIZE_MAX);
}

/// True: no error.
bool parse(ExpositionParser& parser, std::string_view text, Dialect dialect) {
  bool valid = true;
  std::size_t items = 0;
  parser.start(text, dialect);
  for (ExpositionItem item = parser.next(); item != ExpositionItem::end; item = parser.next()) {
    require(++items <= text.size() + 2);
    if (item == ExpositionItem::sample) check_sample(parser, text);
    if (item != ExpositionItem::error) continue;
    valid = false;
    require(parser.error().line >= 1 && parser.error().column >= 1 && parser.error().column <= text.size() + 1);
    require(!parser.error().message.empty());
  }
  return valid;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ExpositionParser parser([] {
    ExpositionLimits limits;
    limits.labels = 8;
    return limits;
  }());
  // A copy without a terminator after it, so that a read past the end is seen.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Dialect dialect : {Dialect::prometheus, Dialect::openmetrics}) {
    ExpositionLimits limits;
    limits.labels = 8;
    const bool scraped = parse(parser, text, dialect);
    const auto findings = check_exposition(text, dialect, limits);
    if (findings.empty()) require(scraped);
  }
  return 0;
}
