#include "ctl/answer_text.hpp"

#include "ctl/printable.hpp"
#include "lib/base/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::ctl {
namespace {

namespace json = boost::json;

constexpr std::size_t widest = 72;  ///< bytes of one cell; the whole text is in --output json

/// One line of text for a value; nested objects as "a=1 b=2".
std::string cell(const json::value& value) {
  std::string out;
  if (value.is_string()) {
    out = std::string(value.get_string());
  } else if (value.is_object()) {
    for (const auto& [key, element] : value.get_object())
      out += fmt::format("{}{}={}", out.empty() ? "" : " ", std::string_view(key), cell(element));
  } else if (value.is_array()) {
    for (const json::value& element : value.get_array()) out += (out.empty() ? "" : ", ") + cell(element);
  } else if (value.is_double()) {
    out = fmt::format("{:.4g}", value.get_double());
  } else if (!value.is_null()) {
    out = json::serialize(value);
  }
  return printable(std::move(out));
}

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') out += ' ';
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return out;
}

bool table_like(const json::array& rows) {
  return !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const json::value& row) { return row.is_object(); });
}

/// Columns in the order of first appearance; the last column is not padded.
std::string table(const json::array& rows, std::string_view indent) {
  std::vector<std::string> columns;
  for (const json::value& row : rows)
    for (const auto& [key, value] : row.get_object())
      if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.emplace_back(key);
  std::vector<std::vector<std::string>> lines(1);
  for (const std::string& column : columns) lines[0].push_back(upper(column));
  for (const json::value& row : rows) {
    auto& line = lines.emplace_back();
    for (const std::string& column : columns) {
      const json::value* value = row.get_object().if_contains(column);
      std::string text = value ? cell(*value) : std::string();
      if (text.size() > widest && column != columns.back()) text = text.substr(0, widest - 3) + "...";
      line.push_back(text.empty() ? "-" : std::move(text));
    }
  }
  std::string out;
  for (const auto& line : lines) {
    out += indent;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::size_t width = 0;
      for (const auto& other : lines) width = std::max(width, other[i].size());
      out += i + 1 == columns.size() ? line[i] : fmt::format("{:<{}}  ", line[i], width);
    }
    out += '\n';
  }
  return out;
}

std::string outline(const json::object& object, const std::string& indent) {
  std::string out;
  for (const auto& [key, value] : object) {
    const std::string_view name = key;
    if (value.is_null() || (value.is_object() && value.get_object().empty()) || (value.is_array() && value.get_array().empty())) continue;
    if (value.is_object())
      out += fmt::format("{}{}:\n{}", indent, name, outline(value.get_object(), indent + "  "));
    else if (value.is_array() && table_like(value.get_array()))
      out += fmt::format("{}{}:\n{}", indent, name, table(value.get_array(), indent + "  "));
    else
      out += fmt::format("{}{}: {}\n", indent, name, cell(value));
  }
  return out;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value ? cell(*value) : std::string();
}

}  // namespace

std::string answer_text(const CommandLine& command, const HttpResponse& response) {
  const auto parsed = parse_json(response.body, 8 << 20);
  const json::object* body = parsed ? parsed->if_object() : nullptr;
  if (response.status >= 300) {
    if (!body) return fmt::format("charonctl: HTTP status {}\n", response.status);
    return fmt::format("charonctl: {} ({}): {}\n", text_of(*body, "title"), response.status, text_of(*body, "detail"));
  }
  if (command.json || !body) return response.body + "\n";
  if (command.verb == Verb::workloads) {
    const json::value* rows = body->if_contains("workloads");
    if (rows && rows->is_array() && table_like(rows->get_array())) return table(rows->get_array(), "");
    return "No workloads are watched. Label a namespace: kubectl label namespace NAME charon.dev/injection=enabled\n";
  }
  if (command.verb == Verb::explain) return outline(*body, "");
  return fmt::format("{}/{}: {}{}\n", text_of(*body, "namespace"), text_of(*body, "name"), command.dry_run ? "(dry run) " : "", text_of(*body, "message"));
}

}  // namespace charon::ctl
