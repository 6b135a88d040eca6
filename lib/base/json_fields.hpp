#pragma once
/// JSON of described structs. A struct names its fields once:
///
///   template <class V, Same<Hello> S> void fields(V& v, S& s) { v("bootId", s.boot_id); v("sequence", s.sequence); }
///
/// and to_json / from_json follow. Reading: unknown fields are ignored (older peers live beside newer ones), a missing
/// field keeps its default, a wrong type or an exceeded bound is an error that names the path ("report.totals[3].kind").
/// Enums are strings, found by a table next to them: `constexpr EnumNames<Kind, 2> names_of(Kind)`.
/// Doubles: JSON has no infinities, so they are written as +-1.7976931348623157e308; NaN is written as null.
#include "lib/base/clock.hpp"
#include "lib/base/ids.hpp"

#include <boost/json.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <type_traits>
#include <vector>

namespace charon {

/// S is T or const T.
template <class S, class T>
concept Same = std::same_as<std::remove_const_t<S>, T>;

template <class E, std::size_t N>
using EnumNames = std::array<std::pair<E, std::string_view>, N>;

inline constexpr std::size_t max_elements = 1024;       ///< of one JSON array or object that becomes a vector or map
inline constexpr std::size_t max_string = 16 * 1024;    ///< bytes of one string value

class JsonWriter {
 public:
  template <class T>
  void operator()(std::string_view name, const T& value) { out_.emplace(name, write(value)); }
  /// Left out when empty.
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (value) out_.emplace(name, write(*value));
  }
  boost::json::object take() { return std::move(out_); }

  static boost::json::value write(bool v) { return v; }
  static boost::json::value write(const std::string& v) { return boost::json::string(v); }
  static boost::json::value write(Time v) { return boost::json::string(format_time(v)); }
  static boost::json::value write(Duration v) { return boost::json::string(format_duration(v)); }
  static boost::json::value write(const boost::json::value& v) { return v; }
  static boost::json::value write(const boost::json::object& v) { return v; }
  template <class Tag>
  static boost::json::value write(const Id<Tag>& v) { return boost::json::string(v.value); }
  template <std::integral T>
  static boost::json::value write(T v) { return v; }
  static boost::json::value write(double v) {
    constexpr double largest = std::numeric_limits<double>::max();
    if (std::isnan(v)) return nullptr;
    return std::isinf(v) ? (v > 0 ? largest : -largest) : v;
  }
  template <class T>
  static boost::json::value write(const std::vector<T>& v) {
    boost::json::array out;
    out.reserve(v.size());
    for (const T& element : v) out.push_back(write(element));
    return out;
  }
  template <class T>
  static boost::json::value write(const std::map<std::string, T>& v) {
    boost::json::object out;
    for (const auto& [key, element] : v) out.emplace(key, write(element));
    return out;
  }
  template <class T>
    requires std::is_enum_v<T>
  static boost::json::value write(T v) {
    for (const auto& [value, name] : names_of(T{}))
      if (value == v) return boost::json::string(name);
    return nullptr;
  }
  template <class T>
    requires std::is_class_v<T> && requires(JsonWriter& w, const T& t) { fields(w, t); }
  static boost::json::value write(const T& v) {
    JsonWriter writer;
    fields(writer, v);
    return writer.take();
  }

 private:
  boost::json::object out_;
};

class JsonReader {
 public:
  JsonReader(const boost::json::object& in, std::string path, std::optional<Error>& error)
      : in_(in), path_(std::move(path)), error_(error) {}

  template <class T>
  void operator()(std::string_view name, T& value) {
    const boost::json::value* found = in_.if_contains(name);
    if (found && !found->is_null() && !error_) read(*found, value, path_.empty() ? std::string(name) : path_ + "." + std::string(name));
  }

 private:
  void bad(const std::string& path, std::string_view expected) { error_ = fail(Errc::invalid_input, path + ": expected " + std::string(expected)); }

  template <class T>
  void read(const boost::json::value& in, std::optional<T>& out, const std::string& path) { read(in, out.emplace(), path); }
  void read(const boost::json::value& in, bool& out, const std::string& path) {
    if (in.is_bool()) out = in.get_bool(); else bad(path, "true or false");
  }
  void read(const boost::json::value& in, std::string& out, const std::string& path) {
    if (!in.is_string()) return bad(path, "a string");
    if (in.get_string().size() > max_string) { error_ = fail(Errc::too_large, path + ": string is too long"); return; }
    out.assign(in.get_string().data(), in.get_string().size());
  }
  template <class Tag>
  void read(const boost::json::value& in, Id<Tag>& out, const std::string& path) { read(in, out.value, path); }
  void read(const boost::json::value& in, Time& out, const std::string& path) { text(in, out, path, parse_time, "an RFC 3339 time"); }
  void read(const boost::json::value& in, Duration& out, const std::string& path) { text(in, out, path, parse_duration, "a duration such as 5s"); }
  void read(const boost::json::value& in, boost::json::value& out, const std::string&) { out = in; }
  void read(const boost::json::value& in, boost::json::object& out, const std::string& path) {
    if (in.is_object()) out = in.get_object(); else bad(path, "an object");
  }
  template <class T, class Parse>
  void text(const boost::json::value& in, T& out, const std::string& path, Parse parse, std::string_view expected) {
    if (!in.is_string()) return bad(path, expected);
    const auto parsed = parse(std::string_view(in.get_string()));
    if (parsed) out = *parsed; else bad(path, expected);
  }
  template <std::integral T>
  void read(const boost::json::value& in, T& out, const std::string& path) {
    boost::system::error_code ec;
    const T number = in.to_number<T>(ec);
    if (ec) bad(path, "a whole number in range"); else out = number;
  }
  void read(const boost::json::value& in, double& out, const std::string& path) {
    boost::system::error_code ec;
    const double number = in.to_number<double>(ec);
    if (ec || !std::isfinite(number)) bad(path, "a number"); else out = number;
  }
  template <class T>
  void read(const boost::json::value& in, std::vector<T>& out, const std::string& path) {
    if (!in.is_array()) return bad(path, "an array");
    const auto& array = in.get_array();
    if (array.size() > max_elements) { error_ = fail(Errc::too_large, path + ": array is too long"); return; }
    out.clear();
    out.reserve(array.size());
    for (std::size_t i = 0; i < array.size() && !error_; ++i) read(array[i], out.emplace_back(), path + "[" + std::to_string(i) + "]");
  }
  template <class T>
  void read(const boost::json::value& in, std::map<std::string, T>& out, const std::string& path) {
    if (!in.is_object()) return bad(path, "an object");
    if (in.get_object().size() > max_elements) { error_ = fail(Errc::too_large, path + ": object is too large"); return; }
    out.clear();
    for (const auto& [key, element] : in.get_object()) {
      if (error_) return;
      read(element, out[std::string(key)], path + "." + std::string(key));
    }
  }
  template <class T>
    requires std::is_enum_v<T>
  void read(const boost::json::value& in, T& out, const std::string& path) {
    std::string expected = "one of";
    for (const auto& [value, name] : names_of(T{})) {
      if (in.is_string() && in.get_string() == name) { out = value; return; }
      expected += " " + std::string(name);
    }
    bad(path, expected);
  }
  template <class T>
    requires std::is_class_v<T> && requires(JsonReader& r, T& t) { fields(r, t); }
  void read(const boost::json::value& in, T& out, const std::string& path) {
    if (!in.is_object()) return bad(path, "an object");
    JsonReader reader(in.get_object(), path, error_);
    fields(reader, out);
  }

  const boost::json::object& in_;
  std::string path_;
  std::optional<Error>& error_;
};

template <class T>
boost::json::object to_json(const T& value) {
  JsonWriter writer;
  fields(writer, value);
  return writer.take();
}

template <class T>
Result<T> from_json(const boost::json::value& json) {
  if (!json.is_object()) return fail(Errc::invalid_input, "expected a JSON object");
  std::optional<Error> error;
  JsonReader reader(json.get_object(), {}, error);
  T value{};
  fields(reader, value);
  if (error) return *error;
  return value;
}

/// Parses text of at most `max_bytes`, nesting at most 32 deep.
Result<boost::json::value> parse_json(std::string_view text, std::size_t max_bytes);

}  // namespace charon
