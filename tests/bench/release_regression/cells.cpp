#include "tests/bench/release_regression/cells.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace charon::bench {
namespace {

constexpr double usual_phi = 0.5, usual_rate = 100;
const std::vector<double> all_phis = {0, 0.5, 0.8, 0.95};

struct Counts {
  int model;       ///< healthy releases of the model in layout A with history, a phi
  int healthy;     ///< of every other healthy cell
  int trap;
  int fault;       ///< in layout A with history
  int reported;    ///< of the faults that are only reported
  int ambiguous;
  int few_stable;  ///< with thirty pods, each costs as much as five others
};
constexpr Counts full = {10000, 1000, 4000, 200, 50, 400, 1000};
constexpr Counts quick = {20, 8, 8, 4, 0, 4, 2};  // within 90 s on two cores with every column

class Builder {
 public:
  explicit Builder(const CellOptions& options) : options_(options), counts_(options.quick ? quick : full), only_(options.only) {}

  void add(Cell cell, std::string_view first, int releases) {
    const std::string phi = cell.phis.size() == 1 ? fmt::format("phi{:g}", cell.phis[0]) : "phis";
    cell.name = fmt::format("{}/{}/{}/{}/rps{:g}", first, letter(cell.layout), cell.history ? "history" : "new", phi, cell.requests_per_second);
    cell.releases = options_.releases > 0 ? options_.releases : releases;
    if (cell.releases > 0 && (options_.only.empty() || std::regex_search(cell.name, only_))) cells_.push_back(std::move(cell));
  }
  void healthy();
  void faults();
  void traps_and_ambiguous();
  std::vector<Cell> take() { return std::move(cells_); }

 private:
  static Cell cell(CellKind kind, const Scenario& scenario, Layout layout, bool history, std::vector<double> phis, double rate = usual_rate) {
    Cell c;
    c.kind = kind;
    c.scenario = scenario;
    c.layout = layout;
    c.history = history;
    c.phis = std::move(phis);
    c.requests_per_second = rate;
    return c;
  }
  void healthy(const Scenario& world, Layout layout, bool history, double phi, double rate = usual_rate) {
    const bool main = world.name == "model" && layout == Layout::canary && history && rate == usual_rate;
    add(cell(CellKind::healthy, world, layout, history, {phi}, rate), "healthy/" + world.name, main ? counts_.model : counts_.healthy);
  }
  void fault(const FaultSize& size, int onset, bool one, Layout layout, bool history, double phi, double rate, int releases) {
    const std::string first = fmt::format("fault/{}/{}/{}/{}", size.fault, size.text, onset, one ? "one" : "all");
    add(cell(CellKind::fault, bench::fault(size, onset, one), layout, history, {phi}, rate), first, releases);
  }

  CellOptions options_;
  Counts counts_;
  std::regex only_;
  std::vector<Cell> cells_;
};

void Builder::healthy() {
  for (const Scenario& world : healthy_worlds())
    for (const Layout layout : {Layout::canary, Layout::rolling, Layout::recreate})
      for (const bool history : {true, false})
        for (const double phi : all_phis) {
          // Quick: every phi and layout of the model, of other worlds one of each.
          const bool is_model = world.name == "model", usual = layout == Layout::canary && history;
          if (options_.quick && !(phi == usual_phi && (usual || is_model)) && !(usual && is_model)) continue;
          healthy(world, layout, history, phi);
        }
  const Scenario& model = healthy_worlds().front();
  for (const double rate : {0.1, 1.0, 10.0, 1000.0}) healthy(model, Layout::canary, true, usual_phi, rate);
  for (const Scenario& world : few_stable_worlds())
    for (const bool history : {true, false})
      add(cell(CellKind::healthy, world, Layout::canary, history, {usual_phi}, world.candidate_pods > pods_per_release ? 1 : usual_rate),
          "healthy/" + world.name, options_.quick && !history ? 0 : counts_.few_stable);
  Scenario close_to_one = model;
  close_to_one.name = "phi99";
  healthy(close_to_one, Layout::canary, true, 0.99);
}

void Builder::faults() {
  for (std::size_t i = 0; i < fault_sizes().size(); ++i)
    for (const int onset : {0, 120})
      for (const bool one : {false, true}) {
        const FaultSize& size = fault_sizes()[i];
        for (const double phi : all_phis) {
          // Quick: of each size one onset, place and phi, in turn.
          const std::size_t place = (onset > 0 ? 2U : 0U) + (one ? 1U : 0U);
          if (options_.quick && (place != i % 4 || phi != all_phis[(i + i / 4) % all_phis.size()])) continue;
          fault(size, onset, one, Layout::canary, true, phi, usual_rate, counts_.fault);
        }
        fault(size, onset, one, Layout::canary, false, usual_phi, usual_rate, counts_.reported);
        fault(size, onset, one, Layout::rolling, true, usual_phi, usual_rate, counts_.reported);
        fault(size, onset, one, Layout::recreate, true, usual_phi, usual_rate, counts_.reported);
        if (size.fault != "errors" && size.fault != "latency" && size.fault != "stall") continue;
        for (const double rate : {0.1, 1.0, 10.0, 1000.0})
          fault(size, onset, one, Layout::canary, true, usual_phi, rate, options_.quick ? 0 : counts_.fault);
      }
}

void Builder::traps_and_ambiguous() {
  for (const Scenario& trap : traps())
    add(cell(CellKind::trap, trap, Layout::canary, true, all_phis), "trap/" + trap.name, counts_.trap);
  for (const Scenario& scenario : unidentifiable()) {
    if (scenario.new_node) {
      add(cell(CellKind::ambiguous, scenario, Layout::canary, true, all_phis), "ambiguous/" + scenario.name, counts_.ambiguous);
      continue;
    }
    for (const Layout layout : {Layout::rolling, Layout::recreate})
      add(cell(CellKind::ambiguous, scenario, layout, true, all_phis), "ambiguous/" + scenario.name, counts_.ambiguous);
  }
}

}  // namespace

std::vector<Cell> make_cells(const CellOptions& options) {
  Builder builder(options);
  builder.healthy();
  builder.traps_and_ambiguous();
  builder.faults();
  std::vector<Cell> cells = builder.take();
  if (cells.empty()) throw std::invalid_argument(fmt::format("--cells {}: no cell has such a name; --list shows them", options.only));
  return cells;
}

std::string_view letter(Layout layout) {
  switch (layout) {
    case Layout::canary: return "A";
    case Layout::rolling: return "B";
    case Layout::recreate: return "C";
  }
  return "?";
}

}  // namespace charon::bench
