#pragma once
/// "registry:5000/shop/test-app:v1.2@sha256:..." taken apart (distribution/reference's grammar, without its checks of
/// every character: the API server and the runtime did those).
#include "lib/base/ids.hpp"

#include <string>
#include <string_view>

namespace charon::coordinator {

struct ImageReference {
  std::string domain;  ///< "registry:5000"; empty where the name has none (docker.io for a runtime)
  std::string path;    ///< "shop/test-app"
  std::string tag;     ///< "v1.2"; empty where there is none
  Digest digest;

  std::string repository() const { return domain.empty() ? path : domain + "/" + path; }
  std::string text() const {
    return repository() + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest.value);
  }
};

inline ImageReference parse_image(std::string_view text) {
  ImageReference out;
  if (const auto at = text.find('@'); at != text.npos) {
    out.digest = Digest(std::string(text.substr(at + 1)));
    text = text.substr(0, at);
  }
  const auto slash = text.rfind('/');
  if (const auto colon = text.rfind(':'); colon != text.npos && (slash == text.npos || colon > slash)) {
    out.tag = std::string(text.substr(colon + 1));
    text = text.substr(0, colon);
  }
  const auto first = text.find('/');
  const std::string_view head = text.substr(0, first == text.npos ? 0 : first);
  if (first != text.npos && (head.find_first_of(".:") != head.npos || head == "localhost")) {
    out.domain = std::string(head);
    text = text.substr(first + 1);
  }
  out.path = std::string(text);
  return out;
}

/// One repository written in two ways: docker.io and its library/ are what an absent domain stands for.
inline bool same_repository(ImageReference a, ImageReference b) {
  for (ImageReference* r : {&a, &b}) {
    if (r->domain == "index.docker.io" || r->domain.empty()) r->domain = "docker.io";
    if (r->domain == "docker.io" && r->path.find('/') == std::string::npos) r->path = "library/" + r->path;
  }
  return a.domain == b.domain && a.path == b.path;
}

/// Whether `name` as people give it names this image: the last part, the whole path, or path and domain; no tag.
inline bool names_image(std::string_view name, const ImageReference& image) {
  return name == image.repository() || name == image.path || name == image.path.substr(image.path.rfind('/') + 1);
}

}  // namespace charon::coordinator
