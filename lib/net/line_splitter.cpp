#include "lib/net/line_splitter.hpp"

#include <utility>

namespace charon::net {

Result<void> LineSplitter::feed(std::string_view piece, const std::function<void(std::string_view)>& on_line) {
  while (!piece.empty()) {
    const auto newline = piece.find('\n');
    const std::string_view part = piece.substr(0, newline);
    if (part.size() > max_ - rest_.size()) return fail(Errc::too_large, "line");
    if (newline == std::string_view::npos) {
      rest_ += part;
      return {};
    }
    if (rest_.empty()) {
      if (!part.empty()) on_line(part);
    } else {
      rest_ += part;
      const std::string line = std::exchange(rest_, {});
      on_line(line);
    }
    piece.remove_prefix(newline + 1);
  }
  return {};
}

void LineSplitter::finish(const std::function<void(std::string_view)>& on_line) {
  const std::string line = std::exchange(rest_, {});
  if (!line.empty()) on_line(line);
}

}  // namespace charon::net
