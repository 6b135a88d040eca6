#pragma once
/// JSON Patch (RFC 6902) and JSON Pointer (RFC 6901): building patches that an API server applies, and applying them.
#include "lib/base/error.hpp"

#include <boost/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace charon {

/// {"metadata", "annotations", "a/b~c"} -> "/metadata/annotations/a~1b~0c". No tokens: the whole document, "".
/// "-" as the last token is the place after an array's last element.
std::string json_pointer(std::initializer_list<std::string_view> tokens);
/// `pointer` one level deeper.
std::string json_pointer(std::string pointer, std::string_view token);
std::string json_pointer(std::string pointer, std::size_t index);

/// Collects operations in order. Paths are pointers made by json_pointer.
class JsonPatch {
 public:
  JsonPatch& add(std::string_view path, boost::json::value value);
  JsonPatch& replace(std::string_view path, boost::json::value value);
  JsonPatch& remove(std::string_view path);
  /// The API server refuses the whole patch when the value differs.
  JsonPatch& test(std::string_view path, boost::json::value value);

  bool empty() const { return operations_.empty(); }
  const boost::json::array& operations() const { return operations_; }

 private:
  boost::json::array operations_;
};

/// `document` after every operation of `patch`, move and copy included. All or nothing. Errors name the operation:
/// invalid_input (not an operation, or a pointer that is none), not_found (no such place), rejected (a test failed).
Result<boost::json::value> apply_patch(boost::json::value document, const boost::json::array& patch);

}  // namespace charon
