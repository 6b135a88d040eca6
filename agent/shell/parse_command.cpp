#include "agent/shell/parse_command.hpp"

#include "agent/shell/exposition_input.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>

namespace charon::agent {
namespace {

boost::json::value number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  constexpr double exact = 9007199254740992;  // 2^53: whole numbers up to here are written as such, not as 3E0
  if (std::abs(value) <= exact && std::floor(value) == value) return static_cast<std::int64_t>(value);
  return value;
}

boost::json::object label_object(std::span<const LabelView> labels) {
  boost::json::object out;
  for (const LabelView& label : labels) out[label.name] = label.value;
  return out;
}

}  // namespace

std::string sample_to_json(const ExpositionSample& sample) {
  boost::json::object out;
  out["family"] = sample.family;
  out["type"] = type_name(sample.type);
  out["name"] = sample.name;
  out["labels"] = label_object(sample.labels);
  out["value"] = number(sample.value);
  if (sample.timestamp) out["timestamp"] = number(*sample.timestamp);
  if (sample.exemplar) {
    boost::json::object exemplar;
    exemplar["labels"] = label_object(sample.exemplar->labels);
    exemplar["value"] = number(sample.exemplar->value);
    if (sample.exemplar->timestamp) exemplar["timestamp"] = number(*sample.exemplar->timestamp);
    out["exemplar"] = std::move(exemplar);
  }
  return boost::json::serialize(out);
}

int parse_command(const std::vector<std::string>& arguments) {
  const auto input = read_exposition_input("parse", arguments);
  if (!input) {
    fmt::print(stderr, "charon-agent parse: {}\n", input.error().context);
    return 2;
  }
  ExpositionParser parser;
  parser.start(input->text, input->dialect);
  for (;;) {
    switch (parser.next()) {
      case ExpositionItem::sample: fmt::print("{}\n", sample_to_json(parser.sample())); break;
      case ExpositionItem::error:
        fmt::print(stderr, "{}:{}:{}: {}\n", input->name, parser.error().line, parser.error().column, parser.error().message);
        return 1;
      case ExpositionItem::end: return 0;
      case ExpositionItem::type:
      case ExpositionItem::help:
      case ExpositionItem::unit: break;
    }
  }
}

}  // namespace charon::agent
