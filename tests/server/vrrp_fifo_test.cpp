#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "server/vrrp/fifo.h"
#include "tests/support/temporary_directory.h"

using namespace server;

namespace {

// A notify FIFO as keepalived makes and writes it, in a directory of its own.
class NotifyFifo {
 public:
  NotifyFifo() { replace(); }

  std::string path() const { return directory_.path() / "notify.fifo"; }
  std::string snapshot() const { return directory_.path() / "keepalived.json"; }
  void replace() {
    remove();
    REQUIRE(::mkfifo(path().c_str(), 0600) == 0);
    pipe_ = FileDescriptor(::open(path().c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(pipe_.get() >= 0);
  }
  void remove() { ::unlink(path().c_str()); }
  void write(const std::string& state) {
    const std::string line = "INSTANCE \"VI_1\" " + state + " 200\n";
    REQUIRE(::write(pipe_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
  void write_snapshot(int state, std::time_t age) {
    std::ofstream(snapshot()) << R"([{"data":{"iname":"VI_1","state":)" << state << "}}]";
    const timespec written{std::time(nullptr) - age, 0};
    const std::array<timespec, 2> times{written, written};
    REQUIRE(::utimensat(AT_FDCWD, snapshot().c_str(), times.data(), 0) == 0);
  }

 private:
  ::dns::test::TemporaryDirectory directory_;
  FileDescriptor pipe_;
};

// A reader with one subscriber, and what it reported.
struct ReadFifo {
  explicit ReadFifo(const NotifyFifo& fifo)
      : reader(fifo.path(), {.fault = [this](const std::string& words) { faults.push_back(words); },
                             .recovered = [this] { ++recoveries; }}) {
    reader.subscribe({{"VI_1", fifo.snapshot(), [this](FifoRole role) { roles.push_back(role); }}});
    reader.check();
  }
  std::vector<FifoRole> turn() {
    roles.clear();
    reader.check();
    if (reader.descriptor() >= 0) reader.read();
    return roles;
  }

  std::vector<FifoRole> roles;
  std::vector<std::string> faults;
  int recoveries = 0;
  FifoReader reader;
};

using Roles = std::vector<FifoRole>;

VirtualRouterOptions fifo_options() {
  VirtualRouterOptions options;
  options.name = "lan-gw";
  options.sources = {VrrpSource::kFifo};
  options.routers = {{"rtr-a", {}}, {"rtr-b", {}}};
  options.local_router = "rtr-a";
  options.flap_transitions = 0;
  return options;
}

}  // namespace

TEST_CASE("FIFO: a replaced FIFO is read from its first line, and states are unknown until then") {
  NotifyFifo fifo;
  fifo.write("BACKUP");  // of unknown age
  ReadFifo source(fifo);
  CHECK(source.roles.empty());
  fifo.write("MASTER");
  CHECK(source.turn() == Roles{FifoRole::kMaster});
  CHECK(source.turn().empty());
  fifo.replace();
  CHECK(source.turn() == Roles{FifoRole::kUnknown});
  REQUIRE(source.faults.size() == 1);
  CHECK(source.faults[0] == fifo.path() + ": another FIFO has replaced it; the new one is read from its first line");
  CHECK(source.recoveries == 0);
  fifo.write("BACKUP");
  CHECK(source.turn() == Roles{FifoRole::kBackup});
  CHECK(source.recoveries == 1);
  fifo.replace();
  fifo.write("MASTER");
  CHECK(source.turn() == Roles{FifoRole::kMaster});
  CHECK(source.recoveries == 2);
  fifo.write("BACKUP");  // read from the old FIFO
  fifo.replace();
  CHECK(source.turn() == Roles{FifoRole::kBackup});
  CHECK(source.recoveries == 3);
}

TEST_CASE("FIFO: a removed FIFO leaves only a stopped instance known") {
  NotifyFifo fifo;
  ReadFifo source(fifo);
  fifo.write("STOP");
  fifo.remove();
  CHECK(source.turn() == Roles{FifoRole::kStop});
  REQUIRE(source.faults.size() == 1);
  CHECK(source.faults[0] == fifo.path() + ": No such file or directory");
  fifo.replace();
  fifo.write("MASTER");
  CHECK(source.turn() == Roles{FifoRole::kMaster});
  CHECK(source.recoveries == 1);
  fifo.remove();
  CHECK(source.turn() == Roles{FifoRole::kUnknown});
  CHECK(source.turn().empty());
}

TEST_CASE("FIFO: a snapshot counts only if it is recent and newer than the last line") {
  NotifyFifo fifo;
  fifo.write_snapshot(2, 60);
  ReadFifo source(fifo);
  CHECK(source.roles.empty());
  fifo.write_snapshot(2, -60);  // a clock was set back
  CHECK(source.turn().empty());
  fifo.write_snapshot(2, 2);
  CHECK(source.turn() == Roles{FifoRole::kMaster});
  fifo.write("BACKUP");
  CHECK(source.turn() == Roles{FifoRole::kBackup});
  fifo.replace();
  CHECK(source.turn() == Roles{FifoRole::kUnknown});
  fifo.write_snapshot(1, 0);
  CHECK(source.turn() == Roles{FifoRole::kBackup});
}

TEST_CASE("FIFO: the virtual routers of one keepalived share its FIFO") {
  NotifyFifo fifo;
  Roles first, second;
  FifoReader reader(fifo.path(), {.fault = [](const std::string&) {}, .recovered = [] {}});
  reader.subscribe({{"VI_1", "", [&](FifoRole role) { first.push_back(role); }}});
  reader.check();
  fifo.write("MASTER");
  reader.read();
  // A reload adds one.
  reader.subscribe({{"VI_1", "", [&](FifoRole role) { first.push_back(role); }},
                    {"VI_1", "", [&](FifoRole role) { second.push_back(role); }}});
  CHECK(first == Roles{FifoRole::kMaster, FifoRole::kMaster});
  CHECK(second == Roles{FifoRole::kMaster});
}

// Each turn is one check, so four turns are two seconds.
TEST_CASE("FIFO: a thousand replacements cause no false failover, and each true one is noticed within two seconds") {
  constexpr int kTurnsOfNotice = std::chrono::seconds{2} / FifoReader::kCheckInterval;
  NotifyFifo fifo;
  std::mt19937 random(7);
  Instant now{std::chrono::hours{1}};
  RouterTracker tracker(fifo_options(), now);
  FifoReader reader(fifo.path(), {.fault = [](const std::string&) {}, .recovered = [] {}});
  reader.subscribe({{"VI_1", "", [&](FifoRole role) { tracker.role(role, now); }}});
  reader.check();
  fifo.write("MASTER");
  reader.read();
  std::size_t truth = 0, answer = 0;
  int false_failovers = 0, late = 0, true_failovers = 0;
  for (int round = 0; round < 1000; ++round) {
    const bool moves = random() % 3 == 0, before = random() % 2 == 0;
    if (moves) truth = 1 - truth;
    true_failovers += moves ? 1 : 0;
    if (moves && before) fifo.write(truth == 0 ? "MASTER" : "BACKUP");
    fifo.replace();
    if (moves && !before) fifo.write(truth == 0 ? "MASTER" : "BACKUP");
    bool noticed = false;
    for (int turn = 0; turn < kTurnsOfNotice; ++turn) {
      now += FifoReader::kCheckInterval;
      reader.check();
      reader.read();
      const std::size_t before_turn = answer;
      answer = tracker.active().value_or(answer);
      false_failovers += answer != before_turn && answer != truth ? 1 : 0;
      noticed = noticed || answer == truth;
    }
    late += noticed ? 0 : 1;
  }
  CHECK(true_failovers > 200);
  CHECK(false_failovers == 0);
  CHECK(late == 0);
}

TEST_CASE("FIFO: a new FIFO is open soon, so that little is lost if the next one follows") {
  constexpr int kRounds = 20;
  NotifyFifo fifo;
  boost::asio::io_context context;
  Roles roles;
  int faults = 0, recoveries = 0;
  FifoSource source(context, fifo.path(),
                    {.fault = [&](const std::string&) { ++faults; }, .recovered = [&] { ++recoveries; }});
  source.subscribe({{"VI_1", "", [&](FifoRole role) { roles.push_back(role); }}});
  source.start();
  const auto begun = std::chrono::steady_clock::now();
  for (int round = 0; round < kRounds; ++round) {
    const FifoRole role = round % 2 == 0 ? FifoRole::kMaster : FifoRole::kBackup;
    fifo.replace();
    fifo.write(round % 2 == 0 ? "MASTER" : "BACKUP");
    if (round == kRounds / 2) source.restart();
    while (roles.empty() || roles.back() != role) context.run_one();
  }
  // Without a notice of the directory, each round would take as long as the check.
  CHECK(std::chrono::steady_clock::now() - begun < kRounds * FifoReader::kCheckInterval / 2);
  CHECK(faults == recoveries);
}

TEST_CASE("FIFO: parses the instance lines of the notify FIFO and ignores other lines") {
  const auto role = [](std::string_view line) { return parse_fifo_line(line).value_or(FifoLine{}); };
  CHECK(role("INSTANCE \"VI_1\" MASTER 200") == FifoLine{"VI_1", FifoRole::kMaster});
  CHECK(role("INSTANCE \"VI 1\" BACKUP 100") == FifoLine{"VI 1", FifoRole::kBackup});
  CHECK(role("INSTANCE \"VI_1\" FAULT 0") == FifoLine{"VI_1", FifoRole::kFault});
  CHECK(role("INSTANCE \"VI_1\" STOP 200") == FifoLine{"VI_1", FifoRole::kStop});
  CHECK(role("INSTANCE \"VI_1\" DELETED 200") == FifoLine{"VI_1", FifoRole::kStop});
  CHECK(role("INSTANCE \"VI_1\" MASTER") == FifoLine{"VI_1", FifoRole::kMaster});
  for (const char* ignored :
       {"", "GROUP \"VG\" BACKUP 0", "INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 200",
        "INSTANCE \"VI_1\" MASTER_PRIORITY 200", "INSTANCE VI_1 MASTER 200", "INSTANCE \"\" MASTER 200",
        "INSTANCE \"VI_1", "INSTANCE \"VI_1\"", "INSTANCE \"VI_1\"MASTER 200", "instance \"VI_1\" MASTER 200"})
    CHECK_MESSAGE(!parse_fifo_line(ignored), std::string(ignored));
}

TEST_CASE("keepalived snapshot: parses the role of an instance; invalid JSON is unknown") {
  const char* const json =
      R"([{"data":{"iname":"VI_0","state":1}},{"data":{"iname":"VI_1","vrid":51,"state":2},"stats":{}},)"
      R"({"data":{"iname":"VI_2","state":3}},{"data":{"iname":"VI_3","state":0}}])";
  CHECK(parse_snapshot(json, "VI_0") == FifoRole::kBackup);
  CHECK(parse_snapshot(json, "VI_1") == FifoRole::kMaster);
  CHECK(parse_snapshot(json, "VI_2") == FifoRole::kFault);
  CHECK(parse_snapshot(json, "VI_3") == FifoRole::kUnknown);
  CHECK(parse_snapshot(json, "VI_9") == FifoRole::kUnknown);
  for (const char* broken : {"", "{}", "[", "[1,null,{\"data\":5}]", R"([{"data":{"iname":"VI_1","state":"2"}}])",
                             R"([{"data":{"iname":"VI_1","state":99999999999}}])", R"([{"data":{"iname":1}}])"})
    CHECK(parse_snapshot(broken, "VI_1") == FifoRole::kUnknown);
}
