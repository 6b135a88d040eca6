#include "lib/net/gzip.hpp"

#include <zlib.h>

#include <array>
#include <new>

namespace charon::net {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib.h: the largest window, gzip framing only

Bytef* input(std::string_view text) {
  // zlib's interface lacks const; it does not write to its input.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

struct Inflater {
  z_stream z{};
  Inflater() {
    if (inflateInit2(&z, gzip_window) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&z); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

Result<std::string> inflate_gzip(std::string_view compressed, std::size_t max_bytes) {
  if (compressed.size() > 0x7fffffff) return fail(Errc::too_large, "gzip body");
  Inflater inflater;
  z_stream& z = inflater.z;
  z.next_in = input(compressed);
  z.avail_in = static_cast<uInt>(compressed.size());
  std::array<Bytef, 16 * 1024> block;
  std::string out;
  for (;;) {
    z.next_out = block.data();
    z.avail_out = block.size();
    const int status = inflate(&z, Z_NO_FLUSH);
    const std::size_t produced = block.size() - z.avail_out;
    if (produced > max_bytes - out.size()) return fail(Errc::too_large, "inflated body");
    out.append(reinterpret_cast<const char*>(block.data()), produced);
    if (status == Z_STREAM_END) {
      if (z.avail_in == 0) return out;
      inflateReset(&z);
    } else if (status != Z_OK) {
      return fail(Errc::invalid_input, z.avail_in == 0 ? "gzip body is cut off" : "gzip body is damaged");
    }
  }
}

std::string deflate_gzip(std::string_view plain) {
  z_stream z{};
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(deflateBound(&z, plain.size()), '\0');
  z.next_in = input(plain);
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace charon::net
