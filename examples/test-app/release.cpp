#include "examples/test-app/release.hpp"

#include <charconv>

namespace charon::test_app {
namespace {

using Env = std::function<const char*(const char*)>;

/// Reads variables one after the other and remembers the first that is wrong.
class Reader {
 public:
  explicit Reader(const Env& env) : env_(env) {}

  std::optional<std::string> text(const char* name) const {
    const char* value = env_(name);
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
  }
  template <class T>
  void number(const char* name, T least, T most, T& out) {
    const auto value = text(name);
    if (!value) return;
    T read{};
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), read);
    if (error != std::errc{} || end != value->data() + value->size() || !(read >= least && read <= most))
      wrong(name, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    else
      out = read;
  }
  void duration(const char* name, Duration& out) {
    const auto value = text(name);
    if (!value) return;
    const auto read = parse_duration(*value);
    if (read) out = *read; else wrong(name, "a duration such as 250ms");
  }
  void wrong(const char* name, const std::string& expected) {
    if (!error) error = fail(Errc::invalid_input, std::string(name) + ": expected " + expected);
  }
  std::optional<Error> error;

 private:
  const Env& env_;
};

constexpr std::pair<std::string_view, Fault> fault_names[] = {
    {"none", Fault::none}, {"errors", Fault::errors}, {"slow", Fault::slow}, {"leak", Fault::leak}, {"crash", Fault::crash}};

std::optional<Where> read_where(std::string_view text) {
  Where where;
  const auto after = [&](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return !text.empty();
  };
  const auto whole = [&](auto& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
  };
  if (after("cpu<")) return whole(where.processor_below.emplace()) ? std::optional(where) : std::nullopt;
  if (after("memory<")) {
    if (!text.ends_with("Mi")) return std::nullopt;
    text.remove_suffix(2);
    if (!whole(where.memory_below.emplace()) || *where.memory_below > (1u << 24)) return std::nullopt;
    *where.memory_below <<= 20;
    return where;
  }
  if (after("label:") && text.find('=') != std::string_view::npos) {
    where.label = text;
    return where;
  }
  return std::nullopt;
}

}  // namespace

bool shows(const Where& where, const Device& device) {
  if (where.processor_below && device.processor_share >= *where.processor_below) return false;
  if (where.memory_below && device.memory_bytes >= *where.memory_below) return false;
  if (where.label) {
    const auto equals = where.label->find('=');
    const auto found = device.labels.find(where.label->substr(0, equals));
    if (found == device.labels.end() || found->second != where.label->substr(equals + 1)) return false;
  }
  return true;
}

Result<Release> read_release(const Env& env) {
  Release release;
  Reader read(env);
  if (const auto version = read.text("TEST_APP_RELEASE")) release.version = *version;
  if (const auto name = read.text("TEST_APP_FAULT")) {
    bool known = false;
    for (const auto& [text, fault] : fault_names)
      if (*name == text) release.fault = fault, known = true;
    if (!known) read.wrong("TEST_APP_FAULT", "none, errors, slow, leak or crash");
  }
  if (const auto text = read.text("TEST_APP_FAULT_WHERE")) {
    if (const auto where = read_where(*text)) release.where = *where;
    else read.wrong("TEST_APP_FAULT_WHERE", "cpu<SHARE, memory<NUMBERMi or label:KEY=VALUE");
  }
  read.number<std::uint64_t>("TEST_APP_WORK", 0, 1'000'000, release.work);
  read.duration("TEST_APP_BACKEND", release.backend);
  read.duration("TEST_APP_DEADLINE", release.deadline);
  read.number("TEST_APP_ERROR_SHARE", 0.0, 1.0, release.error_share);
  read.number("TEST_APP_REQUESTS_PER_SECOND", 0.0, 10'000.0, release.requests_per_second);
  read.duration("TEST_APP_BURST", release.burst);
  if (release.burst < Duration{1}) read.wrong("TEST_APP_BURST", "at least 1ms");
  read.number("TEST_APP_FAULT_SHARE", 0.0, 1.0, release.fault_share);
  read.duration("TEST_APP_FAULT_DELAY", release.fault_delay);
  std::size_t leak_kib = release.leak_bytes >> 10, limit_mib = release.leak_limit >> 20;
  read.number<std::size_t>("TEST_APP_LEAK_KIB", 1, 1u << 20, leak_kib);
  read.number<std::size_t>("TEST_APP_LEAK_LIMIT_MIB", 0, 1u << 20, limit_mib);
  release.leak_bytes = leak_kib << 10;
  release.leak_limit = limit_mib << 20;
  read.duration("TEST_APP_CRASH_AFTER", release.crash_after);
  if (read.error) return *read.error;
  return release;
}

}  // namespace charon::test_app
