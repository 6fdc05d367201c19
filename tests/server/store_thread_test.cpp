// The store's thread: the start, overlays, reloads and the end, as other threads ask for them. Zone files are real, the
// listeners are not.
#include "server/store_thread.h"

#include <fcntl.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "server/runtime/descriptor.h"
#include "tests/support/temporary_directory.h"
#include "zone/name/text.h"

using namespace server;
using namespace std::chrono_literals;

namespace {

constexpr auto kLongest = 20s;  // of any wait

class Folder {
 public:
  // Another inode each time, as tools that replace files do.
  void write(const std::string& zone, const std::string& text) const {
    std::ofstream(path() / "new") << text;
    std::filesystem::rename(path() / "new", path() / (zone + ".zone"));
  }
  // A zone with one address of www.
  void write_zone(const std::string& zone, std::uint32_t serial, int last) const {
    write(zone, "@ 300 SOA ns a " + std::to_string(serial) +
                    " 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.53\nwww 300 A 192.0.2." + std::to_string(last) + "\n");
  }
  const std::filesystem::path& path() const { return directory_.path(); }

 private:
  ::dns::test::TemporaryDirectory directory_;
};

class NoTransport final : public Listener {
 public:
  explicit NoTransport(std::string start_error) : start_error_(std::move(start_error)) {}
  dns::Result<std::uint16_t, SocketError> probe(const ListenAddress& endpoint) override { return endpoint.port; }
  dns::Result<void, SocketError> bind(const ListenAddress&) override { return {}; }
  std::size_t sockets() const override { return 1; }
  std::size_t readers() const override { return 1; }
  dns::Result<void, std::string> start(const ListenerContext& context) override {
    if (!start_error_.empty()) return dns::Failure<std::string>(start_error_);
    return context.add_thread({"none", std::nullopt, 0}, [] {});
  }
  void stop() override {}

 private:
  std::string start_error_;
};

struct Setting {
  std::string start_error{};  // of the listeners
  bool strict = false;
  Duration first_overlay_timeout{};
};

Overlay overlay_of(std::uint64_t generation, const std::string& owner, std::uint8_t last) {
  dns::Rrset set(dns::Type::A, 30);
  set.add(std::vector<std::uint8_t>{203, 0, 113, last});
  Overlay overlay;
  overlay.generation = generation;
  overlay.sets = overlay.sets.with(
      std::make_shared<const ManagedRrset>(ManagedRrset{*dns::parse_name(owner), dns::Type::A, set, {}}));
  return overlay;
}

// What the thread gives to `promise`.
template <class T>
T result_of(std::promise<T>& promise) {
  auto future = promise.get_future();
  REQUIRE(future.wait_for(kLongest) == std::future_status::ready);
  return future.get();
}

// A store's thread, and what it tells.
class Running final : public ServerObserver {
 public:
  explicit Running(const Folder& folder, const Setting& setting = {}) {
    options_.store.paths = {folder.path().string()};
    options_.store.load_threads = 1;
    options_.strict_start = setting.strict;
    options_.listen.addresses = {
        ListenAddress{Endpoint{.address = {127, 0, 0, 1}, .address_size = 4, .port = 5300}, {}}};
    std::vector<std::unique_ptr<Listener>> transports;
    transports.push_back(std::make_unique<NoTransport>(setting.start_error));
    listeners_ = std::make_unique<Listeners>(options_.listen, options_.responder, standard_tables(), log_,
                                             std::move(transports));
    REQUIRE(listeners_->bind().has_value());
    thread_ = std::make_unique<StoreThread>(StoreThread::Dependencies{
        .options = options_,
        .listeners = *listeners_,
        .observer = *this,
        .log = log_,
        .started = Instant::clock::now(),
        .on_start_error = [this](const StartError& error) { tell("cannot start: " + error.message); },
        .on_published =
            [this](const Publication& publication) {
              std::string text = "published " + std::to_string(publication.generation);
              for (const PublishedZone& zone : publication.zones)
                text += " " + dns::to_text(dns::Name(zone.apex.view())) + std::to_string(zone.serial.value);
              tell(text);
            },
        .on_suspended =
            [this](const std::vector<SuspendedRrset>& sets) { tell("suspended " + std::to_string(sets.size())); },
        .first_overlay_timeout = setting.first_overlay_timeout});
    REQUIRE(thread_->open().has_value());
  }
  ~Running() override { CHECK(stop() == StoreThread::Stopped::kDone); }

  void start() {
    runner_ = std::jthread([this] { thread_->run(); });
  }
  StoreThread::Stopped stop() {
    if (!runner_.joinable()) return StoreThread::Stopped::kDone;
    const auto stopped = thread_->stop(std::chrono::duration_cast<std::chrono::milliseconds>(kLongest));
    runner_.join();
    return stopped;
  }
  StoreThread& thread() { return *thread_; }
  // The next thing that it tells.
  std::string next() { return events_.take_for(kLongest).value_or("nothing"); }

  // The address of www of a zone, and its serial: "192.0.2.1 7".
  std::string served(const std::string& zone) {
    std::promise<std::string> answer;
    thread_->request_snapshot([&](const std::shared_ptr<const dns::Snapshot>& snapshot) {
      const dns::Zone* const found = snapshot->find(dns::Key(*dns::parse_name(zone)));
      const auto www = found->find_exact(dns::Key(*dns::parse_name("www." + zone)));
      std::string text;
      const dns::RrsetView addresses = www->find(dns::Type::A).value();
      for (const dns::Bytes rdata : addresses)
        for (const std::uint8_t octet : rdata) text += (text.empty() ? "" : ".") + std::to_string(octet);
      answer.set_value(text + " " + std::to_string(found->serial().value));
    });
    return result_of(answer);
  }
  // Reloads and waits: whether something was refused, and the lines.
  ReloadReport reload() {
    std::promise<ReloadReport> report;
    auto request = std::make_shared<ReloadRequest>();
    request->done = [&](const ReloadReport& done) { report.set_value(done); };
    thread_->reload(request);
    return result_of(report);
  }

  void on_zone(const ZoneReport&) override {}
  void on_error(const std::string&) override {}
  void on_progress(std::size_t, std::size_t) override {}
  std::string config_error(const dns::Snapshot&) override { return {}; }
  void on_ready(const StartupInfo& info) override { tell("ready " + std::to_string(info.zones.size())); }

 private:
  void tell(std::string text) {
    events_.post([&](auto& events) { events.push_back(std::move(text)); });
  }

  Options options_;
  FileDescriptor null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  Log log_ = make_log({}, std::make_shared<LineWriter>(null_.get()));
  Mailbox<std::deque<std::string>, TakeFirst> events_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<StoreThread> thread_;
  std::jthread runner_;
};

}  // namespace

TEST_CASE("store thread: it is ready once all zones were tried, and publishes each overlay with the next serial") {
  const Folder folder;
  folder.write_zone("a.example", 7, 1);
  folder.write_zone("b.example", 9, 2);
  folder.write("broken.example", "@ SOA\n");
  Running running(folder);
  running.start();
  CHECK(running.next() == "ready 2");
  CHECK(running.served("a.example.") == "192.0.2.1 7");
  running.thread().submit_overlay(overlay_of(1, "www.a.example.", 1));
  CHECK(running.next() == "published 1 a.example.8");
  CHECK(running.served("a.example.") == "203.0.113.1 8");
  CHECK(running.served("b.example.") == "192.0.2.2 9");
  running.thread().submit_overlay(overlay_of(2, "www.none.example.", 1));
  CHECK(running.next() == "published 2 a.example.9");
  CHECK(running.next() == "suspended 1");
  CHECK(running.served("a.example.") == "192.0.2.1 9");
}

TEST_CASE("store thread: the first answer has the first overlay; of several that wait, the latest is published") {
  const Folder folder;
  folder.write_zone("a.example", 7, 1);
  Running running(folder, {.first_overlay_timeout = kLongest});
  for (const std::uint64_t generation : {1, 2, 4, 3})
    running.thread().submit_overlay(overlay_of(generation, "www.a.example.", static_cast<std::uint8_t>(generation)));
  running.start();
  CHECK(running.next() == "published 4 a.example.8");
  CHECK(running.next() == "ready 1");
  CHECK(running.served("a.example.") == "203.0.113.4 8");
}

TEST_CASE("store thread: a start without zones, or of listeners that fail, is an error") {
  const Folder empty;
  Running none(empty);
  none.start();
  CHECK(none.next().starts_with("cannot start: no zone to serve in "));

  const Folder folder;
  folder.write_zone("a.example", 7, 1);
  Running fails(folder, {.start_error = "no thread is left"});
  fails.start();
  CHECK(fails.next().find("no thread is left") != std::string::npos);

  folder.write("broken.example", "@ SOA\n");
  Running strict(folder, {.strict = true});
  strict.start();
  CHECK(strict.next() == "cannot start: 1 of 2 zones could not be loaded");
}

TEST_CASE("store thread: a reload tells what it refused; overlays stay on what it loaded") {
  const Folder folder;
  folder.write_zone("a.example", 7, 1);
  folder.write_zone("b.example", 9, 2);
  Running running(folder);
  running.start();
  CHECK(running.next() == "ready 2");
  running.thread().submit_overlay(overlay_of(1, "www.a.example.", 1));
  CHECK(running.next() == "published 1 a.example.8");
  folder.write_zone("a.example", 20, 5);
  folder.write_zone("b.example", 21, 6);
  const ReloadReport done = running.reload();
  CHECK_FALSE(done.refused);
  CHECK(done.lines.back().find("2 loaded") != std::string::npos);
  CHECK(running.served("a.example.") == "203.0.113.1 20");
  CHECK(running.served("b.example.") == "192.0.2.6 21");
  folder.write("b.example", "@ SOA\n");
  const ReloadReport refused = running.reload();
  CHECK(refused.refused);
  CHECK(running.served("b.example.") == "192.0.2.6 21");
}

TEST_CASE("store thread: each of many reloads is answered once, by one that began after it, beside overlays") {
  const Folder folder;
  folder.write_zone("a.example", 1, 1);
  Running running(folder);
  running.start();
  CHECK(running.next() == "ready 1");
  constexpr std::uint8_t kRounds = 40;
  int answered = 0;  // on the store's thread
  for (std::uint8_t round = 1; round <= kRounds; ++round) {
    folder.write_zone("a.example", 100U * round, round);
    // Another one may be running: it may have read the file before.
    for (int i = 0; i < 3; ++i) {
      auto request = std::make_shared<ReloadRequest>();
      request->done = [&](const ReloadReport&) { ++answered; };
      running.thread().reload(std::move(request));
    }
    if (round % 2 == 0) running.thread().submit_overlay(overlay_of(round, "www.a.example.", round));
    CHECK_FALSE(running.reload().refused);
    const std::string before = running.served("a.example.");
    if (round == 1) CHECK(before == "192.0.2.1 100");
    else CHECK(before.starts_with("203.0.113." + std::to_string(round - round % 2) + " "));
    CHECK(std::stoul(before.substr(before.find(' '))) >= 100U * round);
  }
  CHECK(running.stop() == StoreThread::Stopped::kDone);
  CHECK(answered == 3 * kRounds);
}

TEST_CASE("store thread: the history of a zone leads over files and overlays; after the end nothing is called") {
  const Folder folder;
  folder.write_zone("a.example", 7, 1);
  Running running(folder);
  running.start();
  CHECK(running.next() == "ready 1");
  running.thread().submit_overlay(overlay_of(1, "www.a.example.", 1));
  CHECK(running.next() == "published 1 a.example.8");
  folder.write_zone("a.example", 20, 5);
  CHECK_FALSE(running.reload().refused);
  std::promise<std::optional<ZoneHistory>> answer;
  running.thread().request_history(*dns::parse_name("a.example."),
                                   [&](std::optional<ZoneHistory> history) { answer.set_value(std::move(history)); });
  const std::optional<ZoneHistory> history = result_of(answer);
  REQUIRE(history);
  CHECK(history->serial == dns::Serial{20});
  const auto since = history->history.since({7}, *dns::parse_name("a.example."));
  REQUIRE(since);
  CHECK(since->to == dns::Serial{20});
  CHECK(running.stop() == StoreThread::Stopped::kDone);
  running.thread().request_history(*dns::parse_name("a.example."), [&](std::optional<ZoneHistory>) { FAIL("called"); });
  running.thread().submit_overlay(overlay_of(2, "www.a.example.", 2));
  running.thread().reload(std::make_shared<ReloadRequest>());
  CHECK(running.thread().stop(1ms) == StoreThread::Stopped::kDone);
}
