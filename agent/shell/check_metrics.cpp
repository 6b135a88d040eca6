#include "agent/shell/check_metrics.hpp"

#include "agent/core/exposition_rules.hpp"
#include "agent/shell/exposition_input.hpp"

#include <fmt/format.h>

namespace charon::agent {

int check_metrics(const std::vector<std::string>& arguments) {
  const auto input = read_exposition_input("check-metrics", arguments);
  if (!input) {
    fmt::print(stderr, "charon-agent check-metrics: {}\n", input.error().context);
    return 2;
  }
  constexpr std::size_t most = 100;
  const auto findings = check_exposition(input->text, input->dialect, {}, most);
  for (const ExpositionError& finding : findings) fmt::print("{}:{}:{}: {}\n", input->name, finding.line, finding.column, finding.message);
  if (findings.size() == most) fmt::print(stderr, "charon-agent check-metrics: stopped after {} findings\n", most);
  return findings.empty() ? 0 : 1;
}

}  // namespace charon::agent
