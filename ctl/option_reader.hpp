#pragma once
/// How every verb of charonctl reads its options: what all have (help, version, output) stands here once.
#include "lib/base/error.hpp"

#include <boost/program_options.hpp>

#include <string>
#include <vector>

namespace charon::ctl {

/// `usage` and `shown` are what --help prints; `positional` are the options that arguments without a name fill, by
/// `positions`.
struct OptionTable {
  std::string_view usage;
  boost::program_options::options_description shown{"Options"}, positional{};
  boost::program_options::positional_options_description positions{};
};

enum class OptionsRead { done, told };  ///< told: help or version was asked for, `text` holds it

/// Fills what the table's options point to, and `json` (--json, --output json). Errors: invalid_input with what is wrong.
Result<OptionsRead> read_options(OptionTable& table, const std::vector<std::string>& arguments, bool& json, std::string& text);

/// What is wrong with the command line.
inline Error bad_option(std::string what) { return fail(Errc::invalid_input, std::move(what)); }

}  // namespace charon::ctl
