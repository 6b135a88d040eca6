#include "injector/shell/authority_keeper.hpp"

#include "injector/shell/events.hpp"

namespace charon::injector {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

/// The Secret as read, and what is to become of it.
struct Planned {
  AuthoritySource source = AuthoritySource::stored;
  RootAction action = RootAction::keep;  ///< on what the source gives
  Authority next;
};

/// What to keep, before anything is written. `stored` empty: absent or unreadable.
Result<Planned> planned(AuthoritySource source, const std::optional<Authority>& stored, const std::optional<Authority>& held, Time now) {
  Planned out;
  out.source = source;
  if (source == AuthoritySource::create) {
    out.action = RootAction::create;
  } else {
    out.next = source == AuthoritySource::write_back ? *held : *stored;
    if (source == AuthoritySource::cross_sign) {
      auto adopted = adopt(*held, *stored, now);
      if (!adopted) return adopted.error();
      out.next = std::move(*adopted);
    }
    const auto action = plan(out.next, now);
    if (!action) return action.error();
    out.action = *action;
  }
  if (out.action == RootAction::drop_previous) {
    out.next.previous_pem.clear();
    out.next.cross_pem.clear();
  } else if (out.action != RootAction::keep) {
    auto made = out.action == RootAction::create ? make_authority(now) : rotate(out.next, now);
    if (!made) return made.error();
    out.next = std::move(*made);
  }
  return out;
}

/// Before `held` is replaced by what was done.
void tell(const Log& log, const Planned& done, const std::optional<Authority>& held, bool there, bool expected, Time now) {
  if (done.source == AuthoritySource::write_back) events::root_written_back(log, there ? "SPOILT OR PUT BACK" : "DELETED");
  if (done.source == AuthoritySource::cross_sign) events::root_adopted(log, done.next.previous_pem == held->root.certificate_pem);
  if (done.source == AuthoritySource::create && (there || expected)) events::root_replaced(log);
  if (done.action == RootAction::drop_previous) events::previous_root_dropped(log);
  if (done.action == RootAction::rotate) events::root_rotated(log, now + root_life);
  if (done.action == RootAction::create) events::root_made(log, now + root_life);
}

}  // namespace

asio::awaitable<Result<void>> store_secret(std::shared_ptr<kube::Client> client, std::string ns, std::string name, json::object secret, bool exists) {
  HttpRequest request = exists ? kube::replace(kube::secrets, ns, name, json::value(std::move(secret)))
                               : kube::create(kube::secrets, ns, json::value(std::move(secret)));
  const auto stored = co_await client->call(std::move(request));
  if (!stored) co_return stored.error();
  co_return Result<void>();
}

/// Whether the coordinator has certificates of an authority: then there was one, and pods may believe it.
asio::awaitable<Result<bool>> AuthorityKeeper::certificates_about() {
  HttpRequest request = kube::get(kube::secrets, ns_, std::string(coordinator_secret));
  const auto secret = co_await client_->call(std::move(request));
  // Pods are to be admitted even where that Secret may not be read.
  if (!secret && secret.error().is(Errc::forbidden)) events::lookup_failed(log_, "the coordinator's Secret", secret.error());
  else if (!secret && !secret.error().is(Errc::not_found)) co_return secret.error();
  co_return secret && has_bundle(*secret);
}

asio::awaitable<Result<void>> AuthorityKeeper::refresh(Time now) {
  for (int i = 0; i < max_conflicts; ++i) {
    HttpRequest request = kube::get(kube::secrets, ns_, std::string(authority_secret_name));
    const auto secret = co_await client_->call(std::move(request));
    if (!secret && !secret.error().is(Errc::not_found)) co_return secret.error();

    StoredAuthority seen;
    std::optional<Authority> stored;
    std::string unreadable;
    seen.held = held_ && !expired(*held_, now);
    if (secret) {
      auto read = read_authority(*secret);
      if (read) stored = std::move(*read);
      else unreadable = read.error().message();
      seen.secret = stored ? StoredAuthority::Secret::readable : StoredAuthority::Secret::unreadable;
    }
    if (stored && seen.held) {
      const std::string& ours = held_->root.certificate_pem;
      seen.held_is_ours = stored->root.certificate_pem == ours || stored->previous_pem == ours;
      seen.held_is_next = held_->previous_pem == stored->root.certificate_pem;
    }
    if (stored) missing_since_.reset();
    else if (!missing_since_) missing_since_ = now;
    if (!stored && !seen.held) {
      const auto about = co_await certificates_about();
      if (!about) co_return about.error();
      seen.expected = *about;
      seen.missing = now - *missing_since_;
    }

    const AuthoritySource source = plan_source(seen);
    if (source == AuthoritySource::wait)
      co_return fail(Errc::unavailable, fmt::format("THE CERTIFICATE AUTHORITY'S SECRET IS {}: waiting {} for a replica that holds it, then a new one is made",
                                                    secret ? "UNREADABLE (" + unreadable + ")" : "GONE", format_duration(wait_for_holders - seen.missing)));
    auto next = planned(source, stored, held_, now);
    if (!next) co_return next.error();
    if (source == AuthoritySource::stored && next->action == RootAction::keep) {
      held_ = std::move(next->next);
      co_return Result<void>();
    }
    const std::string version = secret ? resource_version(*secret) : std::string();
    json::object document = authority_secret(ns_, authority_secret_name, next->next, version);
    const auto written = co_await store_secret(client_, ns_, std::string(authority_secret_name), std::move(document), secret.has_value());
    if (written) {
      tell(log_, *next, held_, secret.has_value(), seen.expected, now);
      held_ = std::move(next->next);
      missing_since_.reset();
      co_return Result<void>();
    }
    if (!written.error().is(Errc::conflict)) co_return written.error();
  }
  co_return fail(Errc::conflict, "other replicas keep changing the certificate authority");
}

}  // namespace charon::injector
