#include "coordinator/core/tag_follow.hpp"

#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/release.hpp"

namespace charon::coordinator {
namespace {

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
  // Iterative, with one point to come back to: linear in practice, never worse than |glob| * |text|.
  std::size_t g = 0, t = 0, star = glob.npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g, ++t;
    } else if (star != glob.npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

std::map<std::string, std::string> followers(const DeploymentView& deployment, const ImagePush& push, bool& follows) {
  follows = false;
  std::map<std::string, std::string> out;
  const auto annotation = deployment.annotations.find(std::string(follow_annotation));
  if (annotation == deployment.annotations.end()) return out;
  const auto images = images_of(deployment.pod_template);
  std::string_view rest = annotation->second;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    std::string_view entry = trimmed(rest.substr(0, comma));
    rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);
    std::string_view container;
    if (const auto equals = entry.find('='); equals != entry.npos) {
      container = trimmed(entry.substr(0, equals));
      entry = trimmed(entry.substr(equals + 1));
    }
    if (entry.empty()) continue;
    for (const auto& [name, image] : images) {
      const auto parsed = parse_image(image);
      if ((!container.empty() && container != name) || parsed.path != push.repository) continue;
      if (!push.host.empty() && parsed.domain != push.host) continue;  // another registry's repository of the same name
      follows = true;
      if (glob_matches(entry, push.tag)) out[name] = image;
    }
  }
  return out;
}

}  // namespace charon::coordinator
