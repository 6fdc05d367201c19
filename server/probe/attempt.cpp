#include "server/probe/attempt.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "server/reply/measures.h"

namespace server {
namespace {

constexpr std::array kOwnLacks{EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN};

std::string seconds(Duration duration) { return fmt::format("{:g} s", static_cast<double>(duration.count()) / 1e9); }

}  // namespace

bool is_own_lack(const boost::system::error_code& error) {
  return error.category() == boost::system::system_category() && std::ranges::find(kOwnLacks, error.value()) != kOwnLacks.end();
}

Attempt::Attempt(boost::asio::io_context& context, const CheckOptions& check, Report report)
    : context_(context), check_(check), report_(std::move(report)), timer_(context) {}

void Attempt::begin() {
  begun_ = std::chrono::steady_clock::now();
  timer_.expires_at(begun_ + monitor().timeout);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->fail(fmt::format("no reply in {}", seconds(self->monitor().timeout)));
  });
  run();
}

void Attempt::end() {
  report_ = nullptr;
  if (std::exchange(done_, true)) return;
  timer_.cancel();
  close();
}

void Attempt::conclude(ProbeResult result) {
  if (std::exchange(done_, true)) return;
  timer_.cancel();
  close();
  boost::asio::post(context_, [self = shared_from_this(), result = std::move(result)] {
    if (const Report report = std::exchange(self->report_, nullptr)) report(result);
  });
}

void Attempt::succeed(std::string detail, Duration round_trip) {
  conclude({.outcome = Outcome::kOk, .measures = {.latency = round_trip, .jitter = {}, .loss = {}}, .detail = std::move(detail)});
}

void Attempt::fail(std::string detail) { conclude({.outcome = Outcome::kFailed, .measures = {}, .detail = std::move(detail)}); }

void Attempt::fail(const boost::system::error_code& error) {
  if (is_own_lack(error)) return say_nothing(error.message());
  fail(first_line(error.message()));
}

void Attempt::say_nothing(const std::string& why) { conclude({.outcome = Outcome::kUnknown, .measures = {}, .detail = first_line(why)}); }

}  // namespace server
