#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <future>
#include <string>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include "server/control/control_socket.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/zone_from_text.h"

using namespace server;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;

// A failover thread without inputs and with one managed name for each of `names`, and its control socket in a directory
// of its own. The zones are those of `zones`.
class ControlFixture {
 public:
  explicit ControlFixture(std::size_t names, std::shared_ptr<const dns::Snapshot> zones = dns::Snapshot::of({}))
      : thread_({.options = options(names), .state = "", .publish = [](Overlay) {}, .log = log_}),
        handler_({thread_,
                  [zones = std::move(zones)](std::function<void(ServerReport)> done) {
                    Durations times;
                    times.add(1ms);
                    times.add(4ms);
                    done({.zones = zones,
                          .counters = {{"answers", 7}},
                          .addresses = {"192.0.2.53:53"},
                          .publication_times = times,
                          .absent = {"192.0.2.53:53"}});
                  },
                  [](std::function<void(const ReloadReport&)>) {},
                  [](const dns::Name&, std::function<void(std::optional<ZoneHistory>)> done) { done({}); },
                  {::geteuid(), ::getegid()}}) {
    socket_.emplace(handler_, log_);
    REQUIRE(socket_->open(path()));
    REQUIRE(handler_.start());
    REQUIRE(thread_.start(0));
  }
  ~ControlFixture() {
    CHECK(thread_.end(10s));
    handler_.end();
    socket_.reset();
  }
  ControlFixture(const ControlFixture&) = delete;
  ControlFixture& operator=(const ControlFixture&) = delete;

  std::string path() const { return directory_.path() / "control.sock"; }
  JsonValue ask(const std::string& line) const {
    asio::io_context context;
    asio::local::stream_protocol::socket client(context);
    client.connect(asio::local::stream_protocol::endpoint(path()));
    asio::write(client, asio::buffer(line + "\n"));
    std::string reply;
    asio::read_until(client, asio::dynamic_buffer(reply), '\n');
    return JsonValue::parse(reply);
  }
  // On the thread of `context`; waits for it.
  template <class Function>
  auto run(asio::io_context& context, Function function) {
    std::packaged_task<decltype(function())()> task(function);
    auto result = task.get_future();
    asio::post(context, [&task] { task(); });
    return result.get();
  }
  void check_path() {
    run(socket_->context(), [this] { return socket_->check_path(), 0; });
  }
  Duration cpu_time() {
    return run(thread_.context(), [] {
      timespec time{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return Duration(std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec});
    });
  }
  FailoverThread& thread() { return thread_; }

 private:
  static SteeringOptions options(std::size_t names) {
    SteeringOptions options;
    for (std::size_t i = 0; i < names; ++i) {
      RecordOptions record;
      record.owner = dns::test::name_of("n" + std::to_string(i) + ".example.com.");
      record.type = dns::Type::A;
      MemberOptions member;
      member.name = "via-a";
      member.addresses = {boost::asio::ip::make_address("192.0.2.1")};
      record.members = {member};
      options.records.push_back(std::move(record));
    }
    return options;
  }

  const Log log_ =
      make_log({.level = LogLevel::kError, .format = LogFormat::kText}, std::make_shared<LineWriter>(STDERR_FILENO));
  ::dns::test::TemporaryDirectory directory_;
  FailoverThread thread_;
  CommandHandler handler_;
  std::optional<ControlSocket> socket_;
};

std::shared_ptr<const dns::Snapshot> many_zones(std::size_t count) {
  std::vector<std::shared_ptr<const dns::Zone>> zones;
  for (std::size_t i = 0; i < count; ++i)
    zones.push_back(dns::test::zone_of("z" + std::to_string(i) + ".example.",
                                       "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns.example.net.\n"));
  return dns::Snapshot::of(std::move(zones));
}

}  // namespace

TEST_CASE("control socket: the status has the zones, the counters and all names") {
  ControlFixture control(100, many_zones(3));
  const JsonValue status = control.ask(R"({"command":"status"})");
  CHECK(status["ok"] == true);
  CHECK(status["server"]["zones"].size() == 3);
  CHECK(status["server"]["zones"][1]["apex"] == "z1.example.");
  CHECK(status["server"]["zones"][1]["records"] == 2);
  CHECK(status["server"]["counters"]["answers"] == 7);
  CHECK(status["server"]["publication_times"]["count"] == 2);
  CHECK(status["server"]["publication_times"]["longest"] == 0.004);
  CHECK(status["server"]["addresses"] == JsonValue::array({"192.0.2.53:53"}));
  CHECK(status["server"]["absent_addresses"] == JsonValue::array({"192.0.2.53:53"}));
  REQUIRE(status["steering"]["records"].size() == 100);
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(status["steering"]["records"][i]["name"] == "n" + std::to_string(i) + ".example.com/A");
  CHECK(control.ask(R"({"command":"status","subject":"n7.example.com"})")["steering"]["records"].size() == 1);
  CHECK(control.ask(R"({"command":"statu"})")["ok"] == false);
}

// Rendering 3000 zones takes a hundred times as long as all that the failover thread does for a status. On a busy
// machine other threads' work costs it some, too.
TEST_CASE("control socket: the zones of a status cost the failover thread nothing") {
  const auto cost = [](std::size_t zones) {
    ControlFixture control(1, many_zones(zones));
    control.ask(R"({"command":"status"})");
    const Duration before = control.cpu_time();
    for (int i = 0; i < 20; ++i) CHECK(control.ask(R"({"command":"status"})")["server"]["zones"].size() == zones);
    return control.cpu_time() - before;
  };
  CHECK(cost(3000) < 20 * cost(3));
}

TEST_CASE("control socket: the failover thread does other work between the slices of a status") {
  constexpr std::size_t kNames = 2000;
  ControlFixture control(kNames);
  std::atomic<int> turns = 0;
  std::atomic<bool> counts = true;
  std::function<void()> turn = [&] {
    ++turns;
    if (counts) asio::post(control.thread().context(), turn);
  };
  asio::post(control.thread().context(), turn);
  const int before = turns;
  CHECK(control.ask(R"({"command":"status"})")["steering"]["records"].size() == kNames);
  CHECK(turns - before > static_cast<int>(kNames / SteeringJson::kSliceItems));
  counts = false;
  control.run(control.thread().context(), [] { return 0; });
}

TEST_CASE("control socket: a deleted file is made anew, and the socket of another server is left alone") {
  ControlFixture control(1);
  ::unlink(control.path().c_str());
  control.check_path();
  CHECK(control.ask(R"({"command":"status"})")["ok"] == true);
  CHECK((std::filesystem::status(control.path()).permissions() & std::filesystem::perms::all) ==
        std::filesystem::perms(kControlMode));
  // Another program puts its own socket there.
  ::unlink(control.path().c_str());
  asio::io_context context;
  asio::local::stream_protocol::acceptor other(context, asio::local::stream_protocol::endpoint(control.path()));
  struct stat made{}, found{};
  REQUIRE(::lstat(control.path().c_str(), &made) == 0);
  control.check_path();
  REQUIRE(::lstat(control.path().c_str(), &found) == 0);
  CHECK(found.st_ino == made.st_ino);
  // It ended without deleting it.
  other.close();
  control.check_path();
  CHECK(control.ask(R"({"command":"status"})")["ok"] == true);
}

TEST_CASE("control socket: clients that send or read nothing keep no place from others") {
  for (const char* const request : {"", "{\"command\":\"status\"}\n"}) {
    ControlFixture control(500);
    asio::io_context context;
    std::vector<asio::local::stream_protocol::socket> clients;
    for (std::size_t i = 0; i < 3 * kMaxControlClients; ++i) {
      clients.emplace_back(context);
      clients.back().connect(asio::local::stream_protocol::endpoint(control.path()));
      boost::system::error_code ignored;
      asio::write(clients.back(), asio::buffer(std::string_view(request)), ignored);
    }
    JsonValue reply;
    for (const auto end = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < end;) {
      try {
        reply = control.ask(R"({"command":"status"})");
        if (reply["ok"] == true) break;
        CHECK(reply["message"] == "too many clients: try again later");  // until they have not read for some seconds
      } catch (const boost::system::system_error&) {                     // it hung up before the request was written
      }
      std::this_thread::sleep_for(50ms);
    }
    CHECK(reply["steering"]["records"].size() == 500);
  }
}

TEST_CASE("control socket: a follower gets the events after its reply, in order") {
  ControlFixture control(1);
  asio::io_context context;
  asio::local::stream_protocol::socket follower(context);
  follower.connect(asio::local::stream_protocol::endpoint(control.path()));
  asio::write(follower, asio::buffer(std::string(R"({"command":"events","follow":true})"
                                                 "\n")));
  std::string received;
  const auto line = [&] {
    const std::size_t size = asio::read_until(follower, asio::dynamic_buffer(received), '\n');
    const JsonValue value = JsonValue::parse(received.substr(0, size));
    received.erase(0, size);
    return value;
  };
  CHECK(line()["ok"] == true);
  for (const char* as : {"drain", "down", "up"}) {
    const std::string command = R"({"command":"drain","subject":"n0.example.com/A:via-a","as":")";
    CHECK(control.ask(command + as + "\"}")["ok"] == true);
    JsonValue event = line();
    while (event["event"]["kind"] != "override") event = line();
    CHECK(event["event"]["reason"].get<std::string>().starts_with(as));
  }
}
