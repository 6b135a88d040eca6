#pragma once
/// The body of the old clients' calls: {"image": "test-app", "tag": "v1.1"}.
#include "lib/base/error.hpp"

#include <string>
#include <string_view>

namespace charon::coordinator {

struct ImageRequest {
  std::string image;  ///< a bare name or a repository, without tag and digest: "test-app", "10.0.0.1:5000/shop/test-app"
  std::string tag;    ///< empty: rollback chooses the last stable one; rollout needs one
};

/// A tag may also stand in the image ("test-app:v1.1"), where `tag` is absent. Errors: invalid_input, too_large.
Result<ImageRequest> read_image_request(std::string_view body);

}  // namespace charon::coordinator
