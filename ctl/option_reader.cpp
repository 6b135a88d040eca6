#include "ctl/option_reader.hpp"

#include <sstream>

namespace charon::ctl {

Result<OptionsRead> read_options(OptionTable& table, const std::vector<std::string>& arguments, bool& json, std::string& text) {
  namespace po = boost::program_options;
  std::string output;
  table.shown.add_options()
      ("json", po::bool_switch(&json), "print JSON: the coordinator's answer as it is, or replay's verdict")
      ("output,o", po::value(&output), "json: the same")
      ("help,h", "show this")
      ("version", "show the version");
  po::options_description all;
  all.add(table.shown).add(table.positional);
  try {
    po::variables_map values;
    po::store(po::command_line_parser(arguments).options(all).positional(table.positions).run(), values);
    po::notify(values);
    if (values.count("help")) {
      std::ostringstream help;
      help << table.usage << table.shown;
      text = help.str();
      return OptionsRead::told;
    }
    if (values.count("version")) {
      text = CHARON_VERSION "\n";
      return OptionsRead::told;
    }
  } catch (const po::error& error) {
    return bad_option(error.what());
  }
  if (!output.empty() && output != "json") return bad_option("--output: expected json");
  json = json || !output.empty();
  return OptionsRead::done;
}

}  // namespace charon::ctl
