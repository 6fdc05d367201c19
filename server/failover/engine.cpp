#include "server/failover/engine.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "server/folder/files.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kMemoryFile = "steering.json";
constexpr std::string_view kUnwritable = "state-not-writable";   // the alarm's key

spdlog::level::level_enum level_of(EventKind kind) {
  switch (kind) {
    case EventKind::kAlarm: return spdlog::level::warn;
    case EventKind::kTransition:
    case EventKind::kAnswer:
    case EventKind::kOrder:
    case EventKind::kAllClear:
    case EventKind::kNote: break;
  }
  return spdlog::level::info;
}

}  // namespace

Moment Engine::moment() { return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()}; }

Engine::Engine(Wiring wiring)
    : wiring_(std::move(wiring)), recalled_(recall(wiring_)), timer_(context_), save_timer_(context_),
      helm_(wiring_.options, recalled_, moment(), [this](const Event& event) { tell(event); }),
      evidence_(context_, helm_.plan(),
                {.changed = [this] { changed(); },
                 .fault = [this](const std::string& subject, const std::string& words) { helm_.raise_alarm("source/" + subject, subject, words, moment()); },
                 .recovery = [this](const std::string& subject) { helm_.clear_alarm("source/" + subject, moment()); }}) {}

// A state that cannot be read is said and begun anew: what is served does not depend on it.
Memory Engine::recall(const Wiring& wiring) {
  if (wiring.state.empty()) return {};
  const std::string path = join_path(wiring.state, kMemoryFile);
  DiskFiles files;
  const auto content = files.read(path);
  if (!content) {
    if (files.stamp(path)) wiring.log->warn("{}: {}; steering begins without it", path, content.error());
    return {};
  }
  Remembered remembered = parse_memory(content->text->text());
  if (!remembered.fault.empty()) wiring.log->warn("{}: {}", path, remembered.fault);
  return std::move(remembered.memory);
}

void Engine::open() {
  for (const std::string& fault : evidence_.open(helm_.plan())) helm_.raise_alarm("open/" + fault, "", fault, moment());
}

void Engine::start(std::uint64_t published) {
  helm_.published_before(published);
  if (!wiring_.state.empty()) scribe_ = std::make_unique<Scribe>(join_path(wiring_.state, kMemoryFile));
  asio::post(context_, [this] {
    const Moment at = moment();
    evidence_.start(helm_.plan(), recalled_.checks, at.now, at.wall);
    turn();
  });
  thread_ = start_thread({"failover", std::nullopt, 0}, [this] {
    const auto work = asio::make_work_guard(context_);
    context_.run();
  });
}

void Engine::end() {
  if (!thread_) return;
  asio::post(context_, [this] {
    evidence_.stop();
    save([](const WriteOutcome&) {});
    context_.stop();
  });
  thread_->join();
  thread_.reset();
  scribe_.reset();
}

void Engine::reload(SteeringOptions options) {
  asio::post(context_, [this, options = std::move(options)]() mutable {
    if (options == helm_.plan().options) return;
    helm_.replan(std::move(options), moment());
    evidence_.replace(helm_.plan());
    helm_.note("the configuration of steering was reloaded", moment());
    turn();
    save_soon();
  });
}

void Engine::suspended(std::vector<Suspended> names) {
  asio::post(context_, [this, names = std::move(names)]() mutable {
    for (const Suspended& each : suspended_)
      if (std::ranges::find(names, each.name, &Suspended::name) == names.end()) helm_.clear_alarm("suspended/" + each.name, moment());
    for (const Suspended& each : names)
      helm_.raise_alarm("suspended/" + each.name, each.name, "cannot be steered, the zone file's own is served: " + each.why, moment());
    suspended_ = std::move(names);
  });
}

void Engine::tell(const Event& event) {
  wiring_.log->log(level_of(event.kind), "{}", to_text(event));
  for (const auto& [number, listener] : followers_) listener(event);
}

std::uint64_t Engine::follow(Helm::Listener listener) {
  followers_.emplace(++next_follower_, std::move(listener));
  return next_follower_;
}

// However much changes in a round of the loop, it is judged once.
void Engine::changed() {
  if (std::exchange(turn_queued_, true)) return;
  asio::post(context_, [this] { turn(); });
}

void Engine::turn() {
  turn_queued_ = false;
  Helm::Turn result = helm_.turn(evidence_.facts(), moment());
  if (result.overlay) wiring_.steer(std::move(*result.overlay));
  set_timer(result.next);
  if (result.moved) save_soon();
}

void Engine::set_timer(std::optional<Instant> next) {
  const Instant tick = moment().now + kDecisionTick;
  timer_.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(next ? std::min(*next, tick) : tick));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) turn();
  });
}

// The first change is written at once; those within the interval behind it together at its end.
void Engine::save_soon() {
  if (!scribe_) return;
  unsaved_ = true;
  if (save_waits_) return;
  save_waits_ = true;
  unsaved_ = false;
  save([](const WriteOutcome&) {});
  save_timer_.expires_after(kSaveInterval);
  save_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    save_waits_ = false;
    if (unsaved_) save_soon();
  });
}

void Engine::save(Scribe::Done done) {
  if (!scribe_) return done({});
  const Moment at = moment();
  Memory memory = helm_.remember(at);
  memory.checks = evidence_.save(at.now, at.wall);
  scribe_->write([memory = std::move(memory)] { return to_json(memory); }, [this, done = std::move(done)](const WriteOutcome& outcome) {
    asio::post(context_, [this, done, outcome] {
      written(outcome);
      done(outcome);
    });
  });
}

void Engine::written(const WriteOutcome& outcome) {
  const std::string key(kUnwritable);
  if (outcome) helm_.clear_alarm(key, moment());
  else helm_.raise_alarm(key, "", fmt::format("state not writable: {}; it is not remembered over a restart", outcome.error()), moment());
}

void Engine::place(std::vector<Order> orders, Scribe::Done done) {
  for (Order& order : orders) helm_.place(std::move(order), moment());
  turn();
  save(std::move(done));
}

std::size_t Engine::take_back(OrderFamily of, const std::vector<std::string>& subjects, const std::string& by, Scribe::Done done) {
  std::size_t taken = 0;
  for (const std::string& subject : subjects) taken += helm_.take_back(of, subject, by, moment()) ? 1 : 0;
  turn();
  save(std::move(done));
  return taken;
}

}  // namespace server
