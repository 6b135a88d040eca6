#pragma once
/// Why levels are silent, in words: "levels are not judged now: the pod gets 2.1 times the requests of its control".
#include "lib/base/wire.hpp"

#include <fmt/format.h>

namespace charon::coordinator {

inline std::string suspension_text(const wire::Suspension& s) {
  return fmt::format("levels are not judged now: the pod gets {:.2g} times the requests of its {}{}", s.requests, s.concurrent ? "control" : "baseline", s.pass_waits ? ", and a pass waits for them" : "");
}

}  // namespace charon::coordinator
