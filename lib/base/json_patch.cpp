#include "lib/base/json_patch.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <vector>

namespace charon {
namespace {

namespace json = boost::json;

void append_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~') pointer += "~0";
    else if (c == '/') pointer += "~1";
    else pointer += c;
  }
}

Result<std::vector<std::string>> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer[0] != '/') return fail(Errc::invalid_input, fmt::format("'{}' is not a JSON pointer", pointer));
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back() += pointer[i];
    } else if (++i < pointer.size() && (pointer[i] == '0' || pointer[i] == '1')) {
      tokens.back() += pointer[i] == '0' ? '~' : '/';
    } else {
      return fail(Errc::invalid_input, fmt::format("'{}' is not a JSON pointer", pointer));
    }
  }
  return tokens;
}

/// An array index as RFC 6901 allows: digits without leading zeros.
std::optional<std::size_t> index_of(std::string_view token) {
  std::size_t index = 0;
  const auto [end, ec] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (ec != std::errc{} || end != token.data() + token.size() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  return index;
}

json::value* child(json::value& parent, const std::string& token) {
  if (parent.is_object()) return parent.get_object().if_contains(token);
  if (!parent.is_array()) return nullptr;
  const auto index = index_of(token);
  return index && *index < parent.get_array().size() ? &parent.get_array()[*index] : nullptr;
}

json::value* find(json::value& document, const std::vector<std::string>& tokens, std::size_t depth) {
  json::value* at = &document;
  for (std::size_t i = 0; at && i < depth; ++i) at = child(*at, tokens[i]);
  return at;
}

/// RFC 6902, 4.6: numbers are equal by value, objects whatever their order.
bool same(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number() && (a.is_double() || b.is_double())) return a.to_number<double>() == b.to_number<double>();
  if (a.is_array() && b.is_array()) {
    const auto &x = a.get_array(), &y = b.get_array();
    if (x.size() != y.size()) return false;
    for (std::size_t i = 0; i < x.size(); ++i)
      if (!same(x[i], y[i])) return false;
    return true;
  }
  if (a.is_object() && b.is_object()) {
    if (a.get_object().size() != b.get_object().size()) return false;
    for (const auto& [key, value] : a.get_object()) {
      const json::value* other = b.get_object().if_contains(key);
      if (!other || !same(value, *other)) return false;
    }
    return true;
  }
  return a == b;
}

Error nowhere() { return fail(Errc::not_found, "no such place"); }

Result<void> put(json::value& document, const std::vector<std::string>& tokens, json::value value) {
  if (tokens.empty()) {
    document = std::move(value);
    return {};
  }
  json::value* parent = find(document, tokens, tokens.size() - 1);
  if (!parent) return nowhere();
  if (parent->is_object()) {
    parent->get_object().insert_or_assign(tokens.back(), std::move(value));
    return {};
  }
  if (!parent->is_array()) return nowhere();
  json::array& array = parent->get_array();
  const auto index = tokens.back() == "-" ? std::optional<std::size_t>(array.size()) : index_of(tokens.back());
  if (!index || *index > array.size()) return nowhere();
  array.insert(array.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return {};
}

Result<json::value> take(json::value& document, const std::vector<std::string>& tokens) {
  if (tokens.empty()) return std::exchange(document, nullptr);
  json::value* parent = find(document, tokens, tokens.size() - 1);
  json::value* target = parent ? child(*parent, tokens.back()) : nullptr;
  if (!target) return nowhere();
  json::value taken = std::move(*target);
  if (parent->is_object()) parent->get_object().erase(tokens.back());
  else parent->get_array().erase(parent->get_array().begin() + (target - parent->get_array().data()));
  return taken;
}

Result<std::vector<std::string>> pointer_member(const json::object& operation, std::string_view name) {
  const json::value* pointer = operation.if_contains(name);
  if (!pointer || !pointer->is_string()) return fail(Errc::invalid_input, fmt::format("'{}' is missing", name));
  return tokens_of(pointer->get_string());
}

Result<void> apply_one(json::value& document, const json::value& step) {
  if (!step.is_object()) return fail(Errc::invalid_input, "not an object");
  const json::object& operation = step.get_object();
  const json::value* op = operation.if_contains("op");
  if (!op || !op->is_string()) return fail(Errc::invalid_input, "'op' is missing");
  const std::string_view name = op->get_string();
  const auto path = pointer_member(operation, "path");
  if (!path) return path.error();

  if (name == "remove") {
    const auto taken = take(document, *path);
    return taken ? Result<void>{} : taken.error();
  }
  if (name == "move" || name == "copy") {
    const auto from = pointer_member(operation, "from");
    if (!from) return from.error();
    if (name == "move") {
      if (path->size() > from->size() && std::equal(from->begin(), from->end(), path->begin()))
        return fail(Errc::invalid_input, "a value cannot move into itself");
      auto taken = take(document, *from);
      return taken ? put(document, *path, std::move(*taken)) : taken.error();
    }
    const json::value* source = find(document, *from, from->size());
    return source ? put(document, *path, json::value(*source)) : nowhere();
  }
  const json::value* value = operation.if_contains("value");
  if (!value) return fail(Errc::invalid_input, "'value' is missing");
  if (name == "add") return put(document, *path, *value);
  if (name != "replace" && name != "test") return fail(Errc::invalid_input, fmt::format("'{}' is not an operation", name));
  json::value* target = find(document, *path, path->size());
  if (!target) return nowhere();
  if (name == "replace") *target = *value;
  else if (!same(*target, *value)) return fail(Errc::rejected, "the value differs");
  return {};
}

}  // namespace

std::string json_pointer(std::initializer_list<std::string_view> tokens) {
  std::string pointer;
  for (const std::string_view token : tokens) append_token(pointer, token);
  return pointer;
}

std::string json_pointer(std::string pointer, std::string_view token) {
  append_token(pointer, token);
  return pointer;
}

std::string json_pointer(std::string pointer, std::size_t index) { return fmt::format("{}/{}", pointer, index); }

JsonPatch& JsonPatch::add(std::string_view path, json::value value) {
  operations_.push_back(json::object{{"op", "add"}, {"path", path}, {"value", std::move(value)}});
  return *this;
}

JsonPatch& JsonPatch::replace(std::string_view path, json::value value) {
  operations_.push_back(json::object{{"op", "replace"}, {"path", path}, {"value", std::move(value)}});
  return *this;
}

JsonPatch& JsonPatch::remove(std::string_view path) {
  operations_.push_back(json::object{{"op", "remove"}, {"path", path}});
  return *this;
}

JsonPatch& JsonPatch::test(std::string_view path, json::value value) {
  operations_.push_back(json::object{{"op", "test"}, {"path", path}, {"value", std::move(value)}});
  return *this;
}

Result<json::value> apply_patch(json::value document, const json::array& patch) {
  for (std::size_t i = 0; i < patch.size(); ++i)
    if (auto done = apply_one(document, patch[i]); !done) {
      Error error = done.error();
      error.context = fmt::format("patch operation {}: {}", i, error.context);
      return error;
    }
  return document;
}

}  // namespace charon
