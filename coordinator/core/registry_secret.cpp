#include "coordinator/core/registry_secret.hpp"

#include <fmt/format.h>

#include <optional>

namespace charon::coordinator {
namespace {

/// RFC 4648 base64 with padding, as the API server writes a Secret's data.
std::optional<std::string> base64_decoded(std::string_view in) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (in.size() % 4 != 0) return std::nullopt;
  while (in.ends_with('=')) in.remove_suffix(1);
  std::string out;
  unsigned bits = 0, buffer = 0;
  for (const char c : in) {
    const std::size_t digit = alphabet.find(c);
    if (digit == alphabet.npos) return std::nullopt;
    buffer = (buffer << 6 | static_cast<unsigned>(digit)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(buffer >> bits & 0xff);
    }
  }
  return out;
}

std::optional<std::string> datum(const boost::json::object& secret, std::string_view key) {
  const boost::json::value* data = secret.if_contains("data");
  const boost::json::value* value = data && data->is_object() ? data->get_object().if_contains(key) : nullptr;
  if (!value || !value->is_string() || value->get_string().size() > 16 * 1024) return std::nullopt;
  return base64_decoded(value->get_string());
}

bool space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string trimmed(std::string text) {
  while (!text.empty() && space(text.back())) text.pop_back();
  return text;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : text) {
    if (c != ',' && !space(c)) {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) out.push_back(std::move(word));
  return out;
}

}  // namespace

Result<RegistrySecret> read_registry_secret(const boost::json::object& secret) {
  RegistrySecret out;
  const boost::json::value* metadata = secret.if_contains("metadata");
  const boost::json::value* name = metadata && metadata->is_object() ? metadata->get_object().if_contains("name") : nullptr;
  if (name && name->is_string()) out.name = std::string(name->get_string());
  const auto bad = [&](std::string_view what) { return fail(Errc::invalid_input, fmt::format("Secret {}: {}", out.name, what)); };

  const auto token = datum(secret, "token"), namespaces = datum(secret, "namespaces");
  if (!token) return bad("data 'token' is missing or not base64");
  if (!namespaces) return bad("data 'namespaces' is missing or not base64");
  out.token = trimmed(*token);  // files that people make secrets from end in a newline
  if (out.token.size() < 16) return bad("data 'token' needs at least 16 bytes");
  out.namespaces = words(*namespaces);
  if (out.namespaces.empty()) return bad("data 'namespaces' names none");
  out.host = trimmed(datum(secret, "host").value_or(""));
  return out;
}

}  // namespace charon::coordinator
