#pragma once
/// Text from outside on one line of a terminal.
#include <string>

namespace charon::ctl {

/// Every control character (C0 with line feeds, DEL, and C1 in UTF-8, which some terminals obey too) is a blank.
std::string printable(std::string text);

}  // namespace charon::ctl
