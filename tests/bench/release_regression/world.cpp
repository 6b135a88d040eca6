#include "tests/bench/release_regression/world.hpp"

#include "tests/bench/release_regression/simulated_pod.hpp"

#include <cmath>
#include <numbers>

namespace charon::bench {
namespace {

constexpr double day = 86400, epoch = 1.7e9;
constexpr int earlier_offset = 10000;  // scrapes of earlier releases: before every effect but those from `always` on
constexpr double scaled_out_load = 1.6;  // what made the autoscaler act
constexpr int rolling_until = 60;
constexpr int others_notice_after = 4;  // scrapes: evidence of other workloads' agents takes its time as well, and so does its end
constexpr int others_pulling = 2;       // workloads that start pods while the registry fails

}  // namespace

struct World::State {
  Surroundings around;
  Layout layout = Layout::canary;
  double phase = 0;  // of the day
  std::array<HistogramModel, histogram_count> tables_of{};
  std::uint64_t stream = 0;
  int release = 0, index = -1;
  std::array<SimulatedPod, max_pods_per_release> stable, candidate;
  std::vector<PodScrape> scrapes;
  std::array<NodeFacts, nodes_per_fleet> facts;

  void begin(const Model& model, const Scenario& scenario, Layout of_layout, bool history, std::uint64_t seed);
  bool advance();
  void start_and_stop_pods();
  int pods_at_start(int of_release) const { return of_release == 1 ? around.scenario->candidate_pods : around.scenario->stable_pods; }
  void scrape(int at, double planned, double load);
  void know_nodes(int at);
  double planned_time() const;
};

void World::State::begin(const Model& model, const Scenario& scenario, Layout of_layout, bool history, std::uint64_t seed) {
  around.model = &model;
  around.scenario = &scenario;
  layout = of_layout;
  stream = seed;
  Random random(seed);
  around.device = static_cast<int>(random.uniform() * nodes_per_fleet);
  if (scenario.new_node) around.device = nodes_per_fleet - 1;
  phase = random.uniform() * 2 * std::numbers::pi;
  for (std::size_t i = 0; i < level_count; ++i) {
    const double base = model.levels[i].base;
    around.base[i] = static_cast<int>(i) + first_gauge == cache_ratio ? std::log(base / (1 - base)) : std::log(base);
  }
  for (Surroundings::Node& node : around.nodes) {
    for (std::size_t i = 0; i < level_count; ++i) node.levels[i] = model.levels[i].node_spread * random.normal();
    for (std::size_t h = 0; h < histogram_count; ++h) node.latency[h] = model.histograms[h].node_spread * random.normal();
    node.errors = model.errors_node_spread * random.normal();
  }
  for (std::size_t h = 0; h < histogram_count; ++h) {
    const HistogramModel& m = model.histograms[h];
    if (tables_of[h].median == m.median && tables_of[h].sigma == m.sigma) continue;
    around.ordinary_tables[h] = HistogramTable(m.median, m.sigma, default_bounds());
    around.changed_tables[h] = HistogramTable(m.median, m.sigma, changed_bounds());
    tables_of[h] = m;
  }
  for (SimulatedPod& pod : stable) pod.stop();
  for (SimulatedPod& pod : candidate) pod.stop();
  release = history ? -earlier_releases : 0;
  index = -1;
}

double World::State::planned_time() const {
  // Earlier releases came on the days before, at the same time of day.
  if (release < 0) return epoch + release * day + index * scrape_seconds;
  return epoch + (index + (release == 1 ? stable_scrapes : 0)) * scrape_seconds;
}

bool World::State::advance() {
  ++index;
  const int length = release < 0 ? earlier_scrapes : release == 0 ? stable_scrapes : candidate_scrapes;
  if (index == length) {
    if (release == 1) return false;
    ++release;
    index = 0;
  }
  start_and_stop_pods();
  return true;
}

void World::State::start_and_stop_pods() {
  const auto start = [&](std::array<SimulatedPod, max_pods_per_release>& pods, int of_release, int from, int to) {
    for (int p = from; p < to; ++p) pods[static_cast<std::size_t>(p)].start(around, p, of_release, planned_time(), stream);
  };
  if (index == 0 && release <= 0) start(stable, release, 0, pods_at_start(release));
  if (release != 1) return;
  if (index == around.scenario->pull_failing_until) start(candidate, 1, 0, pods_at_start(1));
  const int stable_until = layout == Layout::canary ? forever : layout == Layout::rolling ? rolling_until : 0;
  if (index == stable_until)
    for (SimulatedPod& pod : stable) pod.stop();
  if (index == around.scenario->scale_out_at) {
    start(candidate, 1, pods_at_start(1), scaled_out_pods);
    if (index < stable_until) start(stable, 0, pods_at_start(0), scaled_out_pods);
  }
}

void World::State::scrape(int at, double planned, double load) {
  scrapes.clear();
  for (SimulatedPod& pod : stable)
    if (pod.running()) scrapes.push_back(pod.scrape(around, at, planned, load));
  for (SimulatedPod& pod : candidate)
    if (pod.running()) scrapes.push_back(pod.scrape(around, at, planned, load));
  if (release != 1 || at >= around.scenario->pull_failing_until) return;
  for (int p = 0; p < pods_at_start(1); ++p) {
    PodScrape waiting;
    waiting.pod = p;
    waiting.node = p % nodes_per_fleet;
    waiting.release = 1;
    waiting.time = planned;
    waiting.lost = true;
    waiting.image_pull_failed = true;
    scrapes.push_back(waiting);
  }
}

void World::State::know_nodes(int at) {
  const Scenario& scenario = *around.scenario;
  facts.fill({});
  NodeFacts& hit = facts[static_cast<std::size_t>(around.device)];
  hit.ready = !(at >= scenario.reboot_from && at < scenario.reboot_to);
  const int noticed = at - others_notice_after;
  hit.others_degraded = noticed >= scenario.node_facts_from && noticed < scenario.node_facts_to;
  if (noticed >= scenario.others_from && noticed < scenario.others_to)
    for (NodeFacts& node : facts) node.others_degraded = true;
}

World::World() : state_(std::make_unique<State>()) {}
World::~World() = default;
World::World(World&&) noexcept = default;
World& World::operator=(World&&) noexcept = default;

void World::begin(const Model& model, const Scenario& scenario, Layout layout, bool history, std::uint64_t stream) {
  state_->begin(model, scenario, layout, history, stream);
}

int World::device() const { return state_->around.device; }

bool World::next(FleetScrape& out) {
  State& s = *state_;
  if (!s.advance()) return false;
  const Scenario& scenario = *s.around.scenario;
  // Scrapes of the candidate count from 0; effects may reach back into the stable release's, not into earlier ones'.
  const int at = s.release == 1 ? s.index : s.release == 0 ? s.index - stable_scrapes : -earlier_offset + s.index;
  const double planned = s.planned_time();
  double load = 1 + s.around.model->day_amplitude * std::sin(2 * std::numbers::pi * planned / day + s.phase);
  // An autoscaler's new pods share the load.
  if (scenario.scale_out_at >= 0 && at >= scenario.scale_out_at) load *= scaled_out_load * pods_per_release / scaled_out_pods;
  s.scrape(at, planned, load);
  s.know_nodes(at);
  out.phase = s.release < 0 ? Phase::earlier : s.release == 0 ? Phase::stable : Phase::candidate;
  out.release = s.release;
  out.index = s.index;
  out.time = planned;
  out.pods = s.scrapes;
  out.nodes = s.facts;
  out.others_pulling = s.release == 1 && at < scenario.pull_failing_until ? others_pulling : 0;
  out.true_load = load;
  for (const Effect& e : scenario.effects)
    if (e.kind == EffectKind::load && e.where == Where::everywhere && is_active(e, at)) out.true_load *= e.size;
  return true;
}

std::uint64_t stream_of(std::uint64_t seed, std::string_view cell, std::uint64_t index) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a of the cell's name
  for (const char c : cell) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::uint64_t state = seed;
  state = splitmix(state) ^ hash;
  state = splitmix(state) ^ index;
  return splitmix(state);
}

}  // namespace charon::bench
