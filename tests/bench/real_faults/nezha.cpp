#include "tests/bench/real_faults/nezha.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <map>
#include <optional>

namespace charon::bench {
namespace {

std::vector<std::string_view> cells_of(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string_view> cells;
  for (std::size_t from = 0; from <= line.size();) {
    const std::size_t end = std::min(line.find(',', from), line.size());
    cells.push_back(line.substr(from, end - from));
    from = end + 1;
  }
  return cells;
}

double number_of(std::string_view cell) {
  double value = 0;
  const auto parsed = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (cell.empty() || parsed.ec != std::errc{} || parsed.ptr != cell.data() + cell.size()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return value;
}

/// "2022-08-22 03:51:19.640328427 +0000 UTC m=+0.1" in seconds since the epoch.
std::optional<std::int64_t> time_of(std::string_view cell) {
  constexpr std::string_view form = "dddd-dd-dd dd:dd:dd";
  if (cell.size() < form.size() || cell.find("+0000") == std::string_view::npos) return std::nullopt;
  std::array<int, 6> parts{};
  std::size_t part = 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != 'd') {
      if (cell[i] != form[i]) return std::nullopt;
      ++part;
    } else {
      if (cell[i] < '0' || cell[i] > '9') return std::nullopt;
      parts[part] = parts[part] * 10 + (cell[i] - '0');
    }
  }
  const std::chrono::year_month_day day{std::chrono::year(parts[0]), std::chrono::month(static_cast<unsigned>(parts[1])),
                                        std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!day.ok()) return std::nullopt;
  const auto midnight = std::chrono::sys_days(day).time_since_epoch();
  return std::chrono::seconds(midnight).count() + parts[3] * 3600 + parts[4] * 60 + parts[5];
}

bool varies(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [&](double value) { return value != values.front() && value == value; });
}

}  // namespace

Result<PodTable> parse_pod_table(std::string_view csv) {
  if (csv.size() > max_nezha_bytes) return fail(Errc::too_large, "pod metrics");
  std::vector<std::string_view> header;
  std::map<std::int64_t, std::vector<double>> rows;
  PodTable table;
  for (std::size_t from = 0; from < csv.size();) {
    const std::size_t end = std::min(csv.find('\n', from), csv.size());
    const auto cells = cells_of(csv.substr(from, end - from));
    from = end + 1;
    if (header.empty()) {
      header = cells;
      if (header.size() < 4 || header[1] != "TimeStamp" || header[2] != "PodName") {
        return fail(Errc::invalid_input, "pod metrics: the header is not Time,TimeStamp,PodName,...");
      }
      continue;
    }
    if (cells.size() != header.size()) continue;
    const auto time = time_of(cells[0]);
    if (!time) continue;
    table.pod = cells[2];
    std::vector<double> values;
    for (std::size_t i = 3; i < cells.size(); ++i) values.push_back(number_of(cells[i]));
    rows.emplace(*time, std::move(values));
  }
  if (rows.empty()) return fail(Errc::invalid_input, "pod metrics: no rows");
  for (const auto& [time, values] : rows) table.times.push_back(time);
  for (std::size_t i = 3; i < header.size(); ++i) {
    std::vector<double> column;
    for (const auto& [time, values] : rows) column.push_back(values[i - 3]);
    if (!varies(column)) continue;
    table.metrics.emplace_back(header[i]);
    table.values.push_back(std::move(column));
  }
  return table;
}

Result<std::vector<InjectedFault>> parse_faults(std::string_view text) {
  namespace json = boost::json;
  if (text.size() > max_nezha_bytes) return fail(Errc::too_large, "fault list");
  json::error_code error;
  const json::value hours = json::parse(text, error);
  if (error || !hours.is_object()) return fail(Errc::invalid_input, "fault list: not an object of hours");
  std::vector<InjectedFault> faults;
  for (const auto& [hour, list] : hours.as_object()) {
    if (!list.is_array()) return fail(Errc::invalid_input, "fault list: an hour that is no array");
    for (const json::value& entry : list.as_array()) {
      const auto text_of = [&](const char* name) -> std::string_view {
        const json::value* value = entry.is_object() ? entry.as_object().if_contains(name) : nullptr;
        return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
      };
      InjectedFault fault{0, std::string(text_of("inject_pod")), std::string(text_of("inject_type"))};
      const std::string_view at = text_of("inject_timestamp");
      if (std::from_chars(at.data(), at.data() + at.size(), fault.at).ec != std::errc{} || fault.pod.empty()) {
        return fail(Errc::invalid_input, "fault list: an entry without inject_timestamp or inject_pod");
      }
      faults.push_back(std::move(fault));
    }
  }
  std::sort(faults.begin(), faults.end(), [](const InjectedFault& a, const InjectedFault& b) { return a.at < b.at; });
  return faults;
}

}  // namespace charon::bench
