#include "server/probe/probe.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "server/probe/measurements.h"

namespace server {
namespace {

constexpr std::array kLocalShortages{EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN};

std::string seconds(Duration duration) { return fmt::format("{:g} s", static_cast<double>(duration.count()) / 1e9); }

}  // namespace

bool is_local_shortage(const boost::system::error_code& error) {
  return error.category() == boost::system::system_category() &&
         std::ranges::find(kLocalShortages, error.value()) != kLocalShortages.end();
}

Probe::Probe(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result)
    : context_(context), check_(check), on_result_(std::move(on_result)), timer_(context) {}

void Probe::start() {
  started_ = std::chrono::steady_clock::now();
  timer_.expires_at(started_ + monitor().timeout);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->fail(fmt::format("no reply in {}", seconds(self->monitor().timeout)));
  });
  run();
}

void Probe::cancel() {
  on_result_ = nullptr;
  if (std::exchange(done_, true)) return;
  timer_.cancel();
  close();
}

void Probe::finish(ProbeResult result) {
  if (std::exchange(done_, true)) return;
  timer_.cancel();
  close();
  boost::asio::post(context_, [self = shared_from_this(), result = std::move(result)] {
    if (const OnResult on_result = std::exchange(self->on_result_, nullptr)) on_result(result);
  });
}

void Probe::succeed(std::string detail, Duration round_trip) {
  finish({.outcome = Outcome::kOk,
          .measurements = {.latency = round_trip, .jitter = {}, .loss = {}},
          .detail = std::move(detail)});
}

void Probe::fail(std::string detail) {
  finish({.outcome = Outcome::kFailed, .measurements = {}, .detail = std::move(detail)});
}

void Probe::fail(const boost::system::error_code& error) {
  if (is_local_shortage(error)) return finish_unknown(error.message());
  fail(first_line(error.message()));
}

void Probe::finish_unknown(const std::string& why) {
  finish({.outcome = Outcome::kUnknown, .measurements = {}, .detail = first_line(why)});
}

}  // namespace server
