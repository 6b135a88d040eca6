#pragma once
/// Evidence over time as an SVG picture: one thick line for the decisive pod, thin ones for the others, coloured ones for
/// the decisive pod's metrics, a dashed one where a verdict of fail begins. The evidence axis is logarithmic.
#include "ctl/replay_judge.hpp"

namespace charon::ctl {

std::string replay_svg(const ReplayResult& result);

}  // namespace charon::ctl
