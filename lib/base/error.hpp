#pragma once
/// Errors as values: a code that callers branch on, and a context that people read.
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>

namespace charon {

enum class Errc {
  invalid_input = 1,  ///< malformed or out of bounds, from outside
  too_large,          ///< a documented bound was passed
  timeout,            ///< a deadline passed
  unavailable,        ///< the peer cannot be reached or closed the connection
  unauthorized,       ///< no valid credentials (HTTP 401)
  forbidden,          ///< valid credentials without the permission (HTTP 403)
  not_found,          ///< HTTP 404
  conflict,           ///< changed by someone else meanwhile (HTTP 409)
  gone,               ///< a watch's resourceVersion is too old (HTTP 410)
  rejected,           ///< the peer refused for another reason
  shutting_down,      ///< cancelled because the program ends
};

const boost::system::error_category& charon_category() noexcept;
inline boost::system::error_code make_error_code(Errc e) noexcept { return {static_cast<int>(e), charon_category()}; }

/// What failed (`code`) and where (`context`, one sentence without a full stop).
struct Error {
  boost::system::error_code code;
  std::string context;

  bool is(Errc e) const { return code == make_error_code(e); }
  /// "context: code's message"
  std::string message() const;
};

inline Error fail(Errc code, std::string context) { return {make_error_code(code), std::move(context)}; }

template <class T>
using Result = boost::system::result<T, Error>;

/// Called by Result::value() on an error: only a bug gets here, since callers check first.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace charon

template <>
struct boost::system::is_error_code_enum<charon::Errc> : std::true_type {};
