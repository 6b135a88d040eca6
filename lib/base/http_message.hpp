#pragma once
/// HTTP requests and responses as plain values: cores and lib/kube build and read them without any I/O.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace charon {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The first value of a header, its name compared without case; empty if absent.
inline std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (const auto& [key, value] : headers)
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), [&](char a, char b) { return lower(a) == lower(b); }))
      return value;
  return {};
}

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  ///< origin form: path and query, percent-encoded
  HttpHeaders headers;       ///< without Host and Content-Length, which the client adds
  std::string body;
};

struct HttpResponse {
  unsigned status = 200;
  HttpHeaders headers;
  std::string body;
};

}  // namespace charon
