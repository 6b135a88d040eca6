#include "coordinator/core/registry_grants.hpp"

#include "lib/base/base64.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace charon::coordinator {
namespace {

constexpr std::size_t max_grants = 1000, min_secret = 16, max_value = 4096;
constexpr std::string_view host_suffix = ".host";

std::optional<std::string> decoded(std::string_view in) {
  auto out = base64_decode(in);
  if (!out) return std::nullopt;
  // Files that people make secrets from end in a newline.
  while (!out->empty() && (out->back() == '\n' || out->back() == '\r')) out->pop_back();
  return std::move(*out);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  return difference == 0;
}

}  // namespace

RegistryGrants RegistryGrants::read(const boost::json::object& secret) {
  RegistryGrants out;
  const boost::json::value* data = secret.if_contains("data");
  if (!data || !data->is_object()) return out;
  std::map<std::string, std::string> values;  // ordered, so that an answer does not depend on the API server's order
  for (const auto& [key, value] : data->get_object()) {
    const auto text = value.is_string() && value.get_string().size() <= max_value ? decoded(value.get_string()) : std::nullopt;
    if (text)
      values[std::string(key)] = *text;
    else
      out.warnings_.push_back(fmt::format("{}: not base64 of at most {} bytes", std::string_view(key), max_value));
  }
  for (const auto& [key, value] : values) {
    if (key.find('.') != std::string::npos) {  // no namespace has a dot in its name
      const bool host = key.ends_with(host_suffix) && values.contains(key.substr(0, key.size() - host_suffix.size()));
      if (!host) out.warnings_.push_back(key + ": not a namespace, nor the host of one that has a secret");
    } else if (value.size() < min_secret) {
      out.warnings_.push_back(fmt::format("{}: a secret needs at least {} bytes", key, min_secret));
    } else if (out.entries_.size() < max_grants) {
      const auto host = values.find(key + std::string(host_suffix));
      out.entries_.push_back({{key, host == values.end() ? std::string() : host->second}, value});
    } else {
      out.warnings_.push_back(fmt::format("{}: more than {} namespaces", key, max_grants));
    }
  }
  return out;
}

std::vector<RegistryGrant> RegistryGrants::find(std::string_view presented) const {
  std::vector<RegistryGrant> out;
  for (const Entry& entry : entries_)
    if (equal_in_constant_time(entry.secret, presented)) out.push_back(entry.grant);
  return out;
}

}  // namespace charon::coordinator
