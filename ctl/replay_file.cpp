#include "ctl/replay_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace charon::ctl {

Result<RecordingFile> RecordingFile::open(const std::string& path, std::size_t most) {
  RecordingFile out;
  out.name_ = path == "-" ? "<stdin>" : path;
  const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct Close {
    int descriptor;
    ~Close() {
      if (descriptor >= 0) ::close(descriptor);
    }
  } const close_at_end{descriptor};
  const auto unreadable = [&] { return fail(Errc::unavailable, fmt::format("{}: {}", out.name_, std::strerror(errno))); };
  const auto too_large = [&] { return fail(Errc::too_large, fmt::format("{}: larger than {} MiB", out.name_, most >> 20)); };
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) return unreadable();

  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > most) return too_large();
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapped == MAP_FAILED) return unreadable();
    ::madvise(mapped, size, MADV_SEQUENTIAL);
    out.mapped_ = static_cast<const char*>(mapped);
    out.size_ = size;
    return out;
  }
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable();
    if (got == 0) return out;
    out.read_.append(buffer, static_cast<std::size_t>(got));
    if (out.read_.size() > most) return too_large();
  }
}

RecordingFile::RecordingFile(RecordingFile&& other) noexcept
    : name_(std::move(other.name_)), read_(std::move(other.read_)), mapped_(std::exchange(other.mapped_, nullptr)), size_(other.size_) {}

RecordingFile::~RecordingFile() {
  if (mapped_) ::munmap(const_cast<char*>(mapped_), size_);
}

}  // namespace charon::ctl
