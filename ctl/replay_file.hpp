#pragma once
/// A file's bytes for one pass over them: mapped, so that a large recording is not held in memory as well.
#include "lib/base/error.hpp"

#include <string>
#include <string_view>

namespace charon::ctl {

inline constexpr std::size_t max_recording_bytes = std::size_t{256} << 20;  ///< of one file

class RecordingFile {
 public:
  /// `path` "-" is standard input; it and other pipes are read to their end. Errors: unavailable (unreadable), too_large
  /// (more than `most` bytes).
  static Result<RecordingFile> open(const std::string& path, std::size_t most = max_recording_bytes);
  RecordingFile(RecordingFile&& other) noexcept;
  RecordingFile& operator=(RecordingFile&&) = delete;
  ~RecordingFile();

  const std::string& name() const { return name_; }
  std::string_view text() const { return mapped_ ? std::string_view(mapped_, size_) : std::string_view(read_); }

 private:
  RecordingFile() = default;
  std::string name_, read_;
  const char* mapped_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace charon::ctl
