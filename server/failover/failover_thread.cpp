#include "server/failover/failover_thread.h"

#include <algorithm>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "server/runtime/thread.h"
#include "server/zonefiles/files.h"

namespace server {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kStateFile = "steering.json";
constexpr std::string_view kStateNotWritable = "state-not-writable";  // key of the alarm

spdlog::level::level_enum level_of(EventKind kind) {
  switch (kind) {
    case EventKind::kAlarm: return spdlog::level::warn;
    case EventKind::kTransition:
    case EventKind::kRecord:
    case EventKind::kOverride:
    case EventKind::kAlarmCleared:
    case EventKind::kNote: break;
  }
  return spdlog::level::info;
}

}  // namespace

Moment FailoverThread::moment() { return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()}; }

FailoverThread::FailoverThread(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      loaded_state_(load_state(dependencies_)),
      timer_(context_),
      save_timer_(context_),
      save_retry_(context_),
      controller_(dependencies_.options, loaded_state_, moment(), [this](const Event& event) { on_event(event); }),
      inputs_(
          context_, controller_.plan(),
          {.changed = [this] { queue_evaluation(); },
           .fault =
               [this](const std::string& subject, const std::string& words) {
                 controller_.raise_alarm("source/" + subject, subject, words, moment());
               },
           .recovery = [this](const std::string& subject) { controller_.clear_alarm("source/" + subject, moment()); },
           .rejected = [this](const std::string& line) { dependencies_.log->warn("{}", line); }}) {}

// A saved state that cannot be read is logged and ignored: the server starts without it.
SavedState FailoverThread::load_state(const Dependencies& dependencies) {
  if (dependencies.state.empty()) return {};
  const std::string path = join_path(dependencies.state, kStateFile);
  DiskFiles files;
  const auto content = files.read(path);
  if (!content) {
    if (files.stamp(path))
      dependencies.log->warn("cannot read the saved failover state: {}: {}; starting without it", path,
                             content.error());
    return {};
  }
  LoadedState loaded = parse_saved_state(content->text->text());
  if (!loaded.error.empty()) dependencies.log->warn("{}: {}", path, loaded.error);
  return std::move(loaded.state);
}

void FailoverThread::open() {
  for (const std::string& fault : inputs_.open(controller_.plan()))
    controller_.raise_alarm("open/" + fault, "", fault, moment());
}

dns::Result<void, std::string> FailoverThread::start(std::uint64_t published) {
  controller_.set_published_generation(published);
  if (!dependencies_.state.empty())
    state_writer_ = std::make_unique<AsyncFileWriter>(join_path(dependencies_.state, kStateFile));
  asio::post(context_, [this] {
    const Moment at = moment();
    inputs_.start(controller_.plan(), loaded_state_.checks, at.now, at.wall);
    evaluate();
  });
  auto thread = start_thread({"failover", std::nullopt, 0}, [this] {
    const auto work = asio::make_work_guard(context_);
    run_until_done([this] { context_.run(); }, [this](std::string_view what) { go_on_after(what); });
  });
  if (!thread) return dns::Failure(thread.error());
  thread_ = std::move(*thread);
  return {};
}

// What an exception interrupted is done again: inputs, reload, evaluation and saving. Called until it succeeds.
void FailoverThread::go_on_after(std::string_view what) {
  evaluation_queued_ = save_timer_running_ = logged_ = false;
  controller_.decide_anew();
  inputs_.restart(controller_.plan());
  unsaved_ = true;
  if (dependencies_.go_on) dependencies_.go_on();
  queue_evaluation();
  dependencies_.log->error("failover: a step failed and is done again: {}", what);
}

bool FailoverThread::end(std::chrono::milliseconds timeout) {
  if (!thread_) return true;
  asio::post(context_, [this] {
    context_.stop();  // first: an exception must not keep the thread
    inputs_.stop();
    save([](const WriteOutcome&) {});
  });
  thread_->join();
  thread_.reset();
  if (state_writer_ && !state_writer_->wait_until_written(timeout)) return false;
  state_writer_.reset();
  return true;
}

void FailoverThread::reload(SteeringOptions options) {
  asio::post(context_, [this, options = std::move(options)]() mutable {
    if (options == controller_.plan().options) return new_options_.reset();
    new_options_ = std::move(options);
    evaluate();
  });
}

void FailoverThread::apply_new_options() {
  controller_.reconfigure(*new_options_, moment());
  new_options_.reset();
  inputs_.replace(controller_.plan());
  controller_.add_note("failover configuration reloaded", moment());
  unsaved_ = true;
}

void FailoverThread::set_troubles(const std::string& kind, std::vector<Trouble> troubles) {
  asio::post(context_, [this, kind, troubles = std::move(troubles)]() mutable {
    std::vector<Trouble>& known = troubles_[kind];
    logged_ = true;
    for (const Trouble& each : known)
      if (std::ranges::find(troubles, each.name, &Trouble::name) == troubles.end())
        controller_.clear_alarm(kind + "/" + each.name, moment());
    for (const Trouble& each : troubles) controller_.raise_alarm(kind + "/" + each.name, "", each.message, moment());
    known = std::move(troubles);
    logged_ = false;
  });
}

void FailoverThread::set_suspended(FailoverController::SuspendedNames names) {
  asio::post(context_,
             [this, names = std::move(names)]() mutable { controller_.set_suspended(std::move(names), moment()); });
}

void FailoverThread::on_event(const Event& event) {
  if (!logged_) dependencies_.log->log(level_of(event.kind), "{}", to_text(event));
  for (const auto& [number, listener] : subscribers_) listener(event);
}

std::uint64_t FailoverThread::subscribe(FailoverController::Listener listener) {
  subscribers_.emplace(++next_subscriber_, std::move(listener));
  return next_subscriber_;
}

// Several changes in one round of the event loop cause one evaluation.
void FailoverThread::queue_evaluation() {
  note_cause(moment().now);
  if (std::exchange(evaluation_queued_, true)) return;
  asio::post(context_, [this] { evaluate(); });
}

void FailoverThread::note_cause(Instant at) {
  if (!cause_) cause_ = at;
}

void FailoverThread::evaluate() {
  evaluation_queued_ = false;
  if (new_options_) apply_new_options();
  const Moment at = moment();
  FailoverController::Evaluation result =
      inputs_.read(at.now, [&](const HealthReading& reading) { return controller_.evaluate(reading, at); });
  const Instant since = std::exchange(cause_, std::nullopt).value_or(at.now);
  if (result.overlay) {
    result.overlay->since = since;
    dependencies_.publish(std::move(*result.overlay));
  }
  set_timer(result.next);
  if (result.changed || unsaved_) save_soon();
}

void FailoverThread::set_timer(std::optional<Instant> next) {
  const Instant tick = moment().now + kDecisionTick;
  timer_.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(next ? std::min(*next, tick) : tick));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    note_cause(timer_.expiry());
    evaluate();
  });
}

// Saves the first change at once, and later changes together at the end of the interval.
void FailoverThread::save_soon() {
  if (!state_writer_) return;
  unsaved_ = true;
  if (save_timer_running_) return;
  save_timer_running_ = true;
  unsaved_ = false;
  save([](const WriteOutcome&) {});
  save_timer_.expires_after(kSaveInterval);
  save_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    save_timer_running_ = false;
    if (unsaved_) save_soon();
  });
}

void FailoverThread::save(AsyncFileWriter::Done done) {
  if (!state_writer_) return done({});
  const Moment at = moment();
  SavedState state = controller_.state_to_save(at);
  state.checks = inputs_.save(at.now, at.wall);
  state_writer_->write([state = std::move(state)] { return to_json(state); },
                       [this, done = std::move(done)](const WriteOutcome& outcome) {
                         asio::post(context_, [this, done, outcome] {
                           on_saved(outcome);
                           done(outcome);
                         });
                       });
}

void FailoverThread::on_saved(const WriteOutcome& outcome) {
  const std::string key(kStateNotWritable);
  if (outcome) return controller_.clear_alarm(key, moment());
  controller_.raise_alarm(key, "",
                          fmt::format("cannot save the failover state: {}; overrides and states will not survive a "
                                      "restart; trying again",
                                      outcome.error()),
                          moment());
  save_retry_.expires_after(kSaveRetry);
  save_retry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) save_soon();
  });
}

void FailoverThread::add_overrides(std::vector<AdminOverride> overrides, AsyncFileWriter::Done done) {
  for (AdminOverride& entry : overrides) controller_.add_override(std::move(entry), moment());
  evaluate();
  save(std::move(done));
}

std::size_t FailoverThread::remove_overrides(OverrideGroup of, const std::vector<std::string>& subjects,
                                             const std::string& by, AsyncFileWriter::Done done) {
  std::size_t removed = 0;
  for (const std::string& subject : subjects) removed += controller_.remove_override(of, subject, by, moment()) ? 1 : 0;
  evaluate();
  save(std::move(done));
  return removed;
}

}  // namespace server
