#include "lib/base/error.hpp"

#include <stdexcept>

namespace charon {
namespace {

struct Category final : boost::system::error_category {
  const char* name() const noexcept override { return "charon"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::invalid_input: return "invalid input";
      case Errc::too_large: return "too large";
      case Errc::timeout: return "timed out";
      case Errc::unavailable: return "unavailable";
      case Errc::unauthorized: return "unauthorized";
      case Errc::forbidden: return "forbidden";
      case Errc::not_found: return "not found";
      case Errc::conflict: return "conflict";
      case Errc::gone: return "gone";
      case Errc::rejected: return "rejected";
      case Errc::shutting_down: return "shutting down";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& charon_category() noexcept {
  static const Category category;
  return category;
}

std::string Error::message() const { return context.empty() ? code.message() : context + ": " + code.message(); }

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error(error.message() + " at " + where.to_string());
}

}  // namespace charon
