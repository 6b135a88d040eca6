#include "ctl/replay_json.hpp"

#include "agent/core/exposition_text.hpp"
#include "ctl/json_place.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

namespace charon::ctl {
namespace {

namespace json = boost::json;

/// Follows the document from event to event.
class MatrixReader {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1), max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = 1024, max_string_size = 16'384;
  static constexpr std::size_t max_labels = 128;

  explicit MatrixReader(Recording& recording) : recording_(recording) {}

  std::optional<Error> error;
  std::string path() const { return place_.text(); }
  /// Errors that show only once all was read.
  Result<void> finish() const {
    if (status_ == "error") return fail(Errc::rejected, "Prometheus answered an error: " + (message_.empty() ? "without a message" : message_));
    if (status_ != "success" || !saw_result_) return fail(Errc::invalid_input, "expected the answer of Prometheus' /api/v1/query_range: status, data.resultType, data.result");
    return {};
  }

  // Called by the parser; false with `ec` set stops it.
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) { return open(false, ec); }
  bool on_object_end(std::size_t, json::error_code& ec) { return close(ec); }
  bool on_array_begin(json::error_code& ec) { return open(true, ec); }
  bool on_array_end(std::size_t, json::error_code& ec) { return close(ec); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    place_.member(text_);
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    append(part);
    const bool ok = string(ec);
    text_.clear();
    place_.next();
    return ok;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code& ec) { return number(static_cast<double>(value), ec); }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code& ec) { return number(static_cast<double>(value), ec); }
  bool on_double(double value, json::string_view, json::error_code& ec) { return number(value, ec); }
  bool on_bool(bool, json::error_code& ec) { return other(ec); }
  bool on_null(json::error_code& ec) { return other(ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool append(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool refuse(json::error_code& ec, std::string what, Errc code = Errc::invalid_input) {
    error = fail(code, path() + ": " + std::move(what));
    ec = make_error_code(Errc::invalid_input);
    return false;
  }
  bool key(std::size_t depth, std::string_view name) const { return place_.within(depth, name); }
  bool in_result() const { return key(0, "data") && key(1, "result"); }
  // Frames: document, data, result[], element, metric | values[], point[]
  bool in_labels() const { return place_.depth() == 5 && in_result() && key(3, "metric"); }
  bool in_points() const { return place_.depth() >= 5 && in_result() && key(3, "values"); }
  bool in_point() const { return place_.depth() == 6 && in_points(); }

  bool open(bool array, json::error_code& ec) {
    const std::size_t depth = place_.depth();
    if (depth >= 16) return refuse(ec, "nested too deeply");
    if (in_result()) {
      if (depth == 2 && !array) return refuse(ec, "expected an array of series");
      if (depth == 2 && type_ != "matrix") return refuse(ec, "expected resultType matrix before it: a range query, or a range selector such as x[1h]");
      if (depth == 3 && array) return refuse(ec, "expected an object with metric and values");
      if (depth == 4 && key(3, "metric") && array) return refuse(ec, "expected an object of labels");
      if (depth == 4 && key(3, "values") && !array) return refuse(ec, "expected an array of points");
      if ((in_points() && depth >= 6) || (depth == 5 && in_points() && !array)) return refuse(ec, "expected [time, \"value\"]");
      if (depth == 5 && key(3, "metric")) return refuse(ec, "expected a string");
      if (depth == 4 && key(3, "values") && !series_) return refuse(ec, "expected the series' metric before its values");
      if (depth == 2) saw_result_ = true;
      if (depth == 3) series_.reset();
    } else if (depth == 0 && array) {
      return refuse(ec, "expected an object");
    }
    if (depth == 4 && in_result() && key(3, "metric")) labels_.clear();
    place_.enter(array);
    return true;
  }

  bool close(json::error_code& ec) {
    if (in_point() && place_.index() != 2) return refuse(ec, "expected [time, \"value\"]");
    const bool labels_done = in_labels();
    place_.leave();
    if (labels_done && !resolve(ec)) return false;
    place_.next();
    return true;
  }

  /// The series of the labels just read.
  bool resolve(json::error_code& ec) {
    std::string_view name;
    std::vector<agent::LabelView> labels;
    for (const auto& [label, value] : labels_) {
      if (label == "__name__") name = value;
      else labels.push_back({label, value});
    }
    if (name.empty()) return refuse(ec, "a series without __name__: query the metrics themselves, not rate() or sum() of them");
    const auto found = recording_.series(name, name, agent::FamilyType::unknown, labels);
    if (!found) return refuse(ec, found.error().context, Errc::too_large);
    series_ = *found;
    return true;
  }

  bool string(json::error_code& ec) {
    if (in_labels()) {
      if (labels_.size() >= max_labels) return refuse(ec, fmt::format("more than {} labels", max_labels), Errc::too_large);
      labels_.emplace_back(place_.key(), text_);
      return true;
    }
    if (in_point()) {
      const auto value = agent::parse_number(text_);
      if (place_.index() != 1 || !value) return refuse(ec, place_.index() == 1 ? "expected a number in quotes" : "expected [time, \"value\"]");
      if (auto ok = recording_.add(*series_, time_, *value); !ok) return refuse(ec, ok.error().context, Errc::too_large);
      return true;
    }
    if (place_.depth() == 1 && key(0, "status")) status_ = text_;
    else if (place_.depth() == 1 && key(0, "error")) message_ = text_.substr(0, 500);
    else if (place_.depth() == 2 && key(0, "data") && key(1, "resultType")) type_ = text_;
    else return other(ec, false);
    return true;
  }

  bool number(double value, json::error_code& ec) {
    if (!in_point()) return other(ec);
    if (place_.index() != 0) return refuse(ec, "expected a number in quotes");
    const auto time = recorded_time(value);
    if (!time) return refuse(ec, "expected a time in seconds between 1970 and 9999");
    time_ = *time;
    place_.next();
    return true;
  }

  /// A value where none is read: fine outside of the result, wrong in it.
  bool other(json::error_code& ec, bool advance = true) {
    const std::size_t depth = place_.depth();
    if (in_points() || in_labels() || (in_result() && depth <= 3)) return refuse(ec, in_labels() ? "expected a string" : "expected series with metric and values");
    if (in_result() && depth == 4 && (key(3, "metric") || key(3, "values"))) return refuse(ec, "expected series with metric and values");
    if (advance) place_.next();
    return true;
  }

  Recording& recording_;
  JsonPlace place_;
  std::string text_, status_, message_, type_;
  bool saw_result_ = false;
  std::vector<std::pair<std::string, std::string>> labels_;
  std::optional<Recording::SeriesId> series_;
  Time time_{};
};

}  // namespace

Result<void> read_recorded_json(std::string_view text, const std::string& file, Recording& recording) {
  json::basic_parser<MatrixReader> parser(json::parse_options{}, recording);
  json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  MatrixReader& reader = parser.handler();
  const auto named = [&](const Error& error) { return Error{error.code, file + ": " + error.context}; };
  if (reader.error) return named(*reader.error);
  if (ec) return fail(Errc::invalid_input, fmt::format("{}: byte {}, in {}: {}", file, read, reader.path(), ec.message()));
  if (text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) return fail(Errc::invalid_input, fmt::format("{}: byte {}: expected the end of the file", file, read));
  if (auto ok = reader.finish(); !ok) return named(ok.error());
  return {};
}

}  // namespace charon::ctl
