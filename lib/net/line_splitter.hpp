#pragma once
/// Lines out of a body that comes in pieces.
#include "lib/base/error.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace charon::net {

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line_bytes) : max_(max_line_bytes) {}

  /// Calls `on_line` for each line that `piece` completes, without its newline; views live until the call returns. Empty
  /// lines are left out. Errors: too_large.
  Result<void> feed(std::string_view piece, const std::function<void(std::string_view)>& on_line);
  /// The body ended: what is left is a line as well.
  void finish(const std::function<void(std::string_view)>& on_line);

 private:
  std::size_t max_;
  std::string rest_;
};

}  // namespace charon::net
