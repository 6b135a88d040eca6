#include "agent/core/scrape_redirect.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <fmt/format.h>

namespace charon::agent {
namespace {

namespace urls = boost::urls;
constexpr std::size_t max_target = 2'048, shown = 200;

bool is_loopback(const urls::url& url) {
  if (url.host_type() == urls::host_type::ipv4) return url.host_ipv4_address().is_loopback();
  if (url.host_type() == urls::host_type::ipv6) return url.host_ipv6_address().is_loopback();
  return url.host_name() == "localhost";
}

}  // namespace

Result<std::string> redirect_target(std::string_view location, bool tls, unsigned short port, std::string_view target) {
  const std::string_view scheme = tls ? "https" : "http", usual = tls ? "443" : "80";
  const std::string_view start = location.substr(0, shown);
  const std::string here = fmt::format("{}://localhost:{}{}", scheme, port, target);  // outlives the views
  const auto base = urls::parse_uri(here);
  const auto reference = urls::parse_uri_reference(location);
  urls::url to;
  if (location.empty() || location.size() > max_target || !base || !reference || !urls::resolve(*base, *reference, to))
    return fail(Errc::rejected, fmt::format("redirected to '{}', which cannot be read", start));
  const std::string to_port(to.has_port() ? std::string_view(to.port()) : usual);
  if (to.scheme_id() != (tls ? urls::scheme::https : urls::scheme::http) || !is_loopback(to) || to_port != std::to_string(port))
    return fail(Errc::rejected, fmt::format("redirected to '{}': only redirects within {}://localhost:{} are followed", start, scheme, port));
  const std::string next(to.encoded_target());
  return next.empty() || next.front() != '/' ? "/" + next : next;
}

}  // namespace charon::agent
