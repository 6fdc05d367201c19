// A site on a real disk (configuration, zone folders, state directory) with
// random damage, at a start and at a reload: bits, truncations, exchanged
// contents, rights, missing, foreign and empty files. No zone is lost that was
// not damaged itself, and each damage that has an effect is told.
//
// WAYMARK_DAMAGES sets the number of damages.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "server/config/config.h"
#include "server/failover/saved_state.h"
#include "server/store/store.h"
#include "tests/support/repetitions.h"
#include "tests/support/temporary_directory.h"
#include "zone/name/text.h"

using namespace server;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kZones = 4;  // the first three lie in the folder and are managed
constexpr uid_t kNobody = 65534;

const std::string kConfig = R"([server]
zones = ["zones"]
state = "state"

[[zone]]
name = "z3"
file = "other/z3.zone"

[[record]]
name = "www.z0"
type = "A"
policy = "all"
members = [{ name = "a", address = "203.0.113.1" }, { name = "b", address = "203.0.113.2" }]
)";

std::string apex_of(std::size_t zone) { return "z" + std::to_string(zone) + "."; }
std::string file_of(std::size_t zone) {
  return (zone + 1 < kZones ? "zones/z" : "other/z") + std::to_string(zone) + ".zone";
}
constexpr std::string_view kJournal = "state/zones/0";  // its files begin so

std::string zone_text(std::size_t zone) {
  return "@ 300 SOA ns h 100 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\nwww 300 "
         "A 192.0.2.8" +
         std::to_string(zone) + "\n";
}

// The superuser may read every file, whatever its rights: this thread, and
// those that it starts, give that up.
class OrdinaryUser {
 public:
  OrdinaryUser() : before_(::geteuid()) {
    if (before_ == 0) become(kNobody);
  }
  ~OrdinaryUser() { become(before_); }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  // Of this thread alone: the function of the library would change all threads
  // of the tests.
  static void become(uid_t user) { REQUIRE(::syscall(SYS_setresuid, -1, user, -1) == 0); }
  uid_t before_;
};

// In memory where there is such a file system: thousands of syncs would take
// minutes on a disk.
fs::path base_folder() { return fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path(); }

class Folder {
 public:
  Folder() = default;
  ~Folder() { allow_everything(); }  // so that it can be removed
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }
  std::string of(const std::string& file) const { return (path_ / file).string(); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }
  std::map<std::string, std::string> read_all() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      files[fs::relative(entry.path(), path_).string()] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return files;
  }
  void restore(const std::map<std::string, std::string>& files) const {
    allow_everything();
    const auto present = read_all();
    for (const auto& [file, text] : present)
      if (!files.contains(file)) fs::remove(path_ / file);
    for (const auto& [file, text] : files)
      if (const auto found = present.find(file); found == present.end() || found->second != text) write(file, text);
  }
  void allow_everything() const {
    for (const auto& entry : fs::directory_iterator(path_)) allow(entry);
    for (const auto& entry : fs::recursive_directory_iterator(path_)) allow(entry);
  }

 private:
  static void allow(const fs::directory_entry& entry) {
    const fs::perms right =
        entry.is_directory() ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write;
    if (entry.status().permissions() != right) fs::permissions(entry.path(), right);
  }

  ::dns::test::TemporaryDirectory directory_{base_folder()};
  const fs::path& path_ = directory_.path();
};

class Sources : public dns::SourceReader {
 public:
  dns::Result<Opened, std::string> open(std::string_view path, std::string_view) override {
    auto content = DiskFiles().read(std::string(path));
    if (!content) return dns::Failure(content.error());
    return Opened{std::string(path), std::move(content->text)};
  }
};

class Reports : public LoadObserver {
 public:
  void on_zone(const ZoneReport& report) override {
    if (report.outcome == ZoneOutcome::kFailed || report.outcome == ZoneOutcome::kKeptOld) told += report.path + "; ";
    if (report.outcome == ZoneOutcome::kRemoved) told += report.path + " is removed; ";
  }
  void on_error(const std::string& words) override { told += words + "; "; }
  void on_progress(std::size_t, std::size_t) override {}
  std::string told;
};

Overlay overlay_of(std::uint64_t generation) {
  Overlay overlay;
  overlay.generation = generation;
  overlay.views =
      std::make_shared<const dns::ViewTable>(std::vector<dns::View>{{.name = "inside", .clients = {}, .local = {}}});
  for (std::size_t zone = 0; zone + 1 < kZones; ++zone) {
    dns::Rrset set(dns::Type::A, 30);
    set.add(std::vector<std::uint8_t>{203, 0, 113, static_cast<std::uint8_t>(generation)});
    overlay.sets = overlay.sets.with(std::make_shared<const ManagedRrset>(
        ManagedRrset{*dns::parse_name("www." + apex_of(zone)), dns::Type::A, std::move(set), {}}));
  }
  return overlay;
}

// The record of a generation, as `Served::www` has it.
std::string record_of(std::uint64_t generation) {
  const dns::Rrset set = overlay_of(generation).sets.front()->set;
  const dns::RrsetView view = set.view();
  return std::string(dns::as_text({view.packed, view.packed_size()}));
}

// What a client gets from a zone.
struct Served {
  std::int64_t serial = -1;  // -1: no such zone; 0: SERVFAIL
  std::string www;

  friend bool operator==(const Served&, const Served&) = default;
};

// A server: the parts that read the disk, in the order of a start.
class Server {
 public:
  explicit Server(const Folder& folder) : folder_(folder) {}

  // The error of a start that is refused.
  std::string start() {
    if (const std::string error = read_config(); !error.empty()) return error;
    read_state();
    auto opened = Journal::open(open_disk(folder_.of("state"), "zones"));
    if (!opened) return opened.error();
    journal_ = std::move(*opened);
    for (const std::string& fault : journal_->faults()) reports.told += fault + "; ";
    store_.emplace(options_, files_, journal_.get());
    store_->load(reports);
    tell_suspended();
    return {};
  }
  void reload() {
    if (const std::string error = read_config(); !error.empty()) reports.told += error + "; ";
    LoadResult result;
    result.zone_table = store_->zone_table();
    load_zones(result, options_, files_, [](std::size_t, std::size_t) {}, {});
    store_->commit_load(std::move(result), reports);
    tell_suspended();
  }
  void decide(std::uint64_t generation) { store_->apply_overlay(overlay_of(generation), reports); }
  void end() {
    journal_->close();
    store_.reset();
    journal_.reset();
  }
  // Without a configuration that the test does not know, these zones are
  // served.
  bool serves_all_zones() const {
    return options_.paths.size() == 1 && options_.paths[0] == folder_.of("zones") && options_.zones.size() == 1 &&
           options_.zones[0].path == folder_.of(file_of(kZones - 1)) &&
           options_.zones[0].apex == *dns::parse_name(apex_of(kZones - 1));
  }

  Served served(std::size_t zone) const {
    const dns::Zone* found = store_->snapshot()->find(dns::Key(*dns::parse_name(apex_of(zone))));
    if (found == nullptr) return {};
    const auto node = found->find_exact(*dns::parse_name("www." + apex_of(zone)));
    const auto set = node ? node->find(dns::Type::A) : std::nullopt;
    return {std::int64_t{found->serial().value},
            set ? std::string(dns::as_text({set->packed, set->packed_size()})) : std::string()};
  }

  Reports reports;

 private:
  void tell_suspended() {
    for (const SuspendedRrset& set : store_->suspended()) reports.told += dns::to_text(set.owner) + " is suspended; ";
  }
  // The error has the path and, unless the file cannot be read, line and
  // column.
  std::string read_config() {
    const std::string path = folder_.of("waymark.toml");
    Sources sources;
    dns::Diagnostics diagnostics;
    auto loaded = load_config(path, sources, diagnostics);
    if (!loaded) return path + ": " + loaded.error();
    for (const dns::Diagnostic& each : diagnostics.kept()) {
      if (each.code->severity != dns::Severity::kError) continue;
      const std::string line = dns::render(each, loaded->sources, {.format = dns::DiagnosticFormat::kShort});
      unsigned row = 0, column = 0;
      CHECK(line.starts_with(path + ":"));
      CHECK(std::sscanf(line.c_str() + path.size(), ":%u:%u: error: ", &row, &column) == 2);
      return line;
    }
    if (loaded->options.store.paths.empty() && loaded->options.store.zones.empty()) return path + ": no zones to serve";
    options_ = loaded->options.store;
    options_.load_threads = 1;
    return {};
  }
  void read_state() {
    const auto content = files_.read(folder_.of("state/steering.json"));
    if (!content) reports.told += "steering.json: " + content.error() + "; ";
    else if (const LoadedState loaded = parse_saved_state(content->text->text()); !loaded.error.empty())
      reports.told += "steering.json: " + loaded.error + "; ";
  }

  const Folder& folder_;
  DiskFiles files_;
  StoreOptions options_;
  std::unique_ptr<Journal> journal_;
  std::optional<Store> store_;
};

enum class Damage : std::uint8_t { kBits, kTruncated, kExchanged, kRights, kMissing, kForeign, kEmpty };
constexpr std::size_t kDamages = 7;

// A site, and the damages of one round.
class Site {
 public:
  Site() {
    std::map<std::string, std::string> files{{"waymark.toml", kConfig}};
    for (std::size_t zone = 0; zone < kZones; ++zone) files[file_of(zone)] = zone_text(zone);
    SavedState state;
    state.generation = 3;
    files["state/steering.json"] = to_json(state);
    folder.restore(files);
    Server server(folder);
    REQUIRE(server.start().empty());
    for (std::uint64_t generation = 1; generation <= 3; ++generation) server.decide(generation);
    for (std::size_t zone = 0; zone < kZones; ++zone) before[zone] = server.served(zone);
    server.end();
    pristine_ = folder.read_all();
    for (const char* file :
         {"waymark.toml", "zones/z0.zone", "other/z3.zone", "state/steering.json", "state/zones/00000001.changes"})
      REQUIRE_MESSAGE(pristine_.contains(file), file);
  }
  void restore() {
    folder.restore(pristine_);
    damaged.clear();
    configuration_damaged = folder_damaged = false;
  }

  // What a person mends: the configuration and the zone files.
  void mend() const {
    folder.allow_everything();
    for (const auto& [file, text] : pristine_)
      if (file.ends_with(".zone") || file.ends_with(".toml")) folder.write(file, text);
  }
  void damage(std::mt19937_64& random) {
    auto file = pristine_.begin();
    std::advance(file, static_cast<std::ptrdiff_t>(random() % pristine_.size()));
    const auto kind = static_cast<Damage>(random() % kDamages);
    if (kind == Damage::kForeign) return add_foreign(random);
    if (kind == Damage::kRights && random() % 8 == 0) return take_rights_of_folder(random);
    apply(file->first, kind, random);
    if (kind == Damage::kExchanged) return;
    note(file->first);
  }
  bool is_damaged(std::size_t zone) const {
    return damaged.contains(file_of(zone)) || (folder_damaged && zone + 1 < kZones);
  }
  // Its serial and managed records may be lost, and the zone is served.
  bool has_damaged_journal(std::size_t zone) const {
    const bool any = std::ranges::any_of(damaged, [](const std::string& file) { return file.starts_with(kJournal); });
    return any && zone + 1 < kZones;
  }

  Folder folder;
  std::array<Served, kZones> before;
  std::set<std::string> damaged;  // paths
  bool configuration_damaged = false, folder_damaged = false;

 private:
  void note(const std::string& file) {
    damaged.insert(file);
    configuration_damaged = configuration_damaged || file == "waymark.toml";
  }
  void apply(const std::string& file, Damage kind, std::mt19937_64& random) {
    const std::string path = folder.of(file);
    if (!is_there(file)) return;
    std::string text = pristine_.at(file);
    switch (kind) {
      case Damage::kBits:
        for (std::uint64_t bits = 1 + random() % 4; bits > 0 && !text.empty(); --bits)
          text[random() % text.size()] ^= static_cast<char>(1U << random() % 8);
        break;
      case Damage::kTruncated: text.resize(random() % (text.size() + 1)); break;
      case Damage::kEmpty: text.clear(); break;
      case Damage::kRights: ::chmod(path.c_str(), 0); return;
      case Damage::kMissing: fs::remove(path); return;
      case Damage::kExchanged: {
        auto other = pristine_.begin();
        std::advance(other, static_cast<std::ptrdiff_t>(random() % pristine_.size()));
        if (!is_there(other->first)) return;
        rewrite(other->first, text);
        text = other->second;
        note(file);
        note(other->first);
        break;
      }
      case Damage::kForeign: break;
    }
    rewrite(file, text);
  }
  bool is_there(const std::string& file) const {
    std::error_code error;
    return fs::exists(folder.of(file), error);
  }
  // As an editor does it: another file takes the name.
  void rewrite(const std::string& file, const std::string& text) {
    ::chmod(folder.of(file).c_str(), 0600);
    folder.write(file + "~", text);
    fs::rename(folder.of(file + "~"), folder.of(file));
  }
  void add_foreign(std::mt19937_64& random) {
    static constexpr const char* kNames[] = {"zones/a..b.zone",
                                             "zones/notes.txt",
                                             "zones/z0 (copy).zone",
                                             "state/notes.json",
                                             "state/zones/a (copy).journal",
                                             "state/zones/00000001 (copy).changes",
                                             "state/zones/core",
                                             "state/zones/.x",
                                             "other/notes.txt",
                                             "zones/.swp"};
    std::string text(random() % 200, ' ');
    for (char& octet : text) octet = static_cast<char>(random());
    folder.write(kNames[random() % std::size(kNames)], text);
  }
  void take_rights_of_folder(std::mt19937_64& random) {
    static constexpr const char* kFolders[] = {"zones", "other"};
    const std::string chosen = kFolders[random() % std::size(kFolders)];
    if (chosen == "zones") folder_damaged = true;
    else note(file_of(kZones - 1));
    ::chmod(folder.of(chosen).c_str(), 0);
  }

  std::map<std::string, std::string> pristine_;
};

// After a start or a reload that was not refused.
void check_zones(const Site& site, const Server& server, bool reloaded) {
  for (std::size_t zone = 0; zone < kZones; ++zone) {
    CAPTURE(zone);
    const Served now = server.served(zone);
    if (site.is_damaged(zone)) continue;
    if (!reloaded && site.has_damaged_journal(zone)) {
      CHECK(now.serial > 0);
      CHECK_FALSE(now.www.empty());
      if (now.www != site.before[zone].www) CHECK(now.serial != site.before[zone].serial);
    } else {
      CHECK(now == site.before[zone]);
    }
  }
}

// A zone without a version is named. A file that is missing at a start may have
// been deleted by its owner: only the records that are managed in it are
// missed.
void check_told(const Site& site, const Server& server) {
  const auto is_named = [&](const std::string& words) { return server.reports.told.find(words) != std::string::npos; };
  for (std::size_t zone = 0; zone < kZones; ++zone) {
    CAPTURE(zone);
    const Served now = server.served(zone);
    if (now.serial > 0 || site.has_damaged_journal(zone)) continue;
    const std::string name = "z" + std::to_string(zone);
    const bool named = is_named(name + ".zone") || is_named("www." + name + ". ");
    CHECK((named || (site.folder_damaged && is_named("/zones"))));
  }
}

}  // namespace

TEST_CASE(
    "damage: a damaged site loses no zone that was not damaged itself, "
    "at a start and at a reload") {
  const OrdinaryUser ordinary_user;
  Site site;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= ::dns::test::repetitions(200, "WAYMARK_DAMAGES"); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    site.restore();
    Server server(site.folder);
    const bool reloaded = random() % 2 == 0;
    if (reloaded) REQUIRE(server.start().empty());
    for (std::uint64_t count = 1 + random() % 3; count > 0; --count) site.damage(random);
    std::string all;
    for (const std::string& path : site.damaged) all += path + " ";
    CAPTURE(all);
    if (reloaded) {
      server.reload();
    } else if (const std::string error = server.start(); !error.empty()) {
      ++refused;
      CAPTURE(error);
      CHECK(site.configuration_damaged);
      CHECK(error.starts_with(site.folder.of("waymark.toml") + ":"));
      continue;
    }
    CAPTURE(server.reports.told);
    // Another valid configuration may name other zones.
    if (site.configuration_damaged && !server.serves_all_zones()) continue;
    check_zones(site, server, reloaded);
    check_told(site, server);
    site.mend();
    server.reload();
    server.decide(1000);
    for (std::size_t zone = 0; zone < kZones; ++zone) {
      CAPTURE(zone);
      const Served now = server.served(zone);
      // A journal that is missing, or cut between two records, cannot be told
      // from one that was never longer.
      if (!site.has_damaged_journal(zone)) CHECK(now.serial >= site.before[zone].serial);
      CHECK(now.www == (zone + 1 < kZones ? record_of(1000) : site.before[zone].www));
    }
    server.end();
  }
  MESSAGE(refused << " starts were refused, with the place of the error");
}
