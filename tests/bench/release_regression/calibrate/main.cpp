/// release_regression_calibrate [--seed N] [--releases N]: the values of calibrated.hpp, from development seeds.
#include "tests/bench/release_regression/rival_calibration.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <iostream>

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  std::uint64_t seed = 1;
  int releases = 2500;
  po::options_description options("Thresholds at which the rivals roll back 1 healthy release in 1,000");
  options.add_options()("help", "")("seed", po::value(&seed)->default_value(seed), "of development, not of the full run")(
      "releases", po::value(&releases)->default_value(releases), "of each phi");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, options), values);
    po::notify(values);
    if (values.count("help") != 0) {
      std::cout << options;
      return 0;
    }
  } catch (const po::error& error) {
    std::cerr << "release_regression_calibrate: " << error.what() << '\n';
    return 2;
  }
  for (const auto& found : charon::bench::calibrate(seed, releases)) {
    std::cout << fmt::format("{:<20} {:.5f} (median {:.5f}, {} releases)\n", found.column, found.value, found.middle, found.releases);
  }
}
