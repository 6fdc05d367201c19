// A store that starts from images serves the same data as a store that parses the zone files. An image that does not
// match its zone file is not used.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "server/image/images.h"
#include "server/store/store.h"
#include "tests/support/memory_disk.h"
#include "tests/support/memory_files.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/zone_dump.h"
#include "zone/name/text.h"

namespace {

const std::string kZone =
    "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.7\nsub NS ns\n*.w TXT \"x\"\n";

class Listener : public server::LoadObserver {
 public:
  void on_zone(const server::ZoneReport& report) override {
    from_image = report.from_image;
    image_error = report.image_error;
  }
  void on_error(const std::string& message) override { FAIL(message); }
  void on_progress(std::size_t, std::size_t) override {}

  bool from_image = false;
  std::string image_error;
};

struct Server {
  Server(server::Files& files_, const std::string& images, server::Journal* journal = nullptr)
      : files(files_), store(options(images), files_, journal), writer(images) {
    load();
  }

  static server::StoreOptions options(const std::string& images) {
    server::StoreOptions options;
    options.paths = {"dir"};
    options.load_threads = 1;
    options.images = images;
    options.image_min_size = 0;
    options.incremental_min_size = 0;
    return options;
  }
  void load() { store.load(listener); }
  // Writes the requested images. Returns the apex of each, with the error if it failed.
  std::string write_images() {
    std::string results;
    const std::atomic<bool> ended = false;
    for (const server::ImageRequest& request : store.take_image_requests()) {
      const auto written = writer.write(request, files, ended);
      results += dns::to_text(request.apex) + (written ? "" : " " + written.error()) + ";";
    }
    return results;
  }
  std::string text() const { return dns::test::dump(*store.snapshot()->find(dns::Key(*dns::parse_name("a.")))); }
  std::string image() const { return writer.path_of(*dns::parse_name("a.")); }

  server::Files& files;
  server::Store store;
  server::Images writer;
  Listener listener;
};

struct Scene {
  Scene() {
    files.write("dir/a.zone", kZone);
    Server first(files, images());
    REQUIRE(!first.listener.from_image);
    REQUIRE(first.listener.image_error.empty());
    REQUIRE(first.write_images() == "a.;");
    text = first.text();
    image = first.image();
  }
  std::string images() const { return directory.path() / "images"; }
  void alter(std::size_t at) const {
    std::fstream file(image, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const auto octet = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(octet);
  }

  const ::dns::test::TemporaryDirectory directory;
  server::MemoryFiles files;
  std::string text, image;
};

// The store rejects the image with this error, parses the zone file and writes a new image.
void check_rejected(const Scene& scene, server::MemoryFiles& files, const std::string& error) {
  Server server(files, scene.images());
  CHECK(!server.listener.from_image);
  CHECK(server.listener.image_error == error);
  CHECK(server.write_images() == "a.;");
  Server again(files, scene.images());
  CHECK(again.listener.from_image);
  CHECK(again.text() == server.text());
}

server::Overlay overlay_of(std::uint64_t generation, std::uint8_t last) {
  server::Overlay overlay;
  overlay.generation = generation;
  dns::Rrset set(dns::Type::A, 30);
  set.add(std::vector<std::uint8_t>{203, 0, 113, last});
  overlay.sets = overlay.sets.with(std::make_shared<const server::ManagedRrset>(
      server::ManagedRrset{*dns::parse_name("www.a."), dns::Type::A, set, {}}));
  return overlay;
}

}  // namespace

TEST_CASE("images: a store loads the image of an unchanged zone file without reading the file") {
  Scene scene;
  const std::size_t reads = scene.files.reads();
  Server server(scene.files, scene.images());
  CHECK(server.listener.from_image);
  CHECK(server.text() == scene.text);
  CHECK(scene.files.reads() == reads);
  CHECK(server.write_images().empty());
  server.load();
  CHECK(scene.files.reads() == reads);
}

TEST_CASE("images: rejects the image of a changed or touched zone file") {
  Scene scene;
  scene.files.touch("dir/a.zone");
  check_rejected(scene, scene.files, "the zone file has changed since then");
  scene.files.write("dir/a.zone", kZone + "new A 192.0.2.9\n");
  check_rejected(scene, scene.files, "the zone file has changed since then");
}

TEST_CASE("images: does not use a damaged, truncated or missing image") {
  Scene scene;
  const std::size_t size = std::filesystem::file_size(scene.image);
  for (const std::size_t at : {std::size_t{50}, size / 2, size - 1}) {
    scene.alter(at);
    check_rejected(scene, scene.files, "it is damaged");
  }
  std::filesystem::resize_file(scene.image, size - 4096);
  check_rejected(scene, scene.files, "it is damaged");
  for (const std::size_t rest : {0, 1, 63, 64, 200}) {
    std::filesystem::resize_file(scene.image, rest);
    check_rejected(scene, scene.files, rest < 64 ? "it is not an image of a zone" : "it is damaged");
  }
  std::filesystem::remove(scene.image);
  check_rejected(scene, scene.files, "");
}

TEST_CASE("images: rejects an image or a directory that other users may write to, and a symbolic link") {
  Scene scene;
  REQUIRE(::chmod(scene.image.c_str(), 0666) == 0);
  check_rejected(scene, scene.files, "it belongs to another user, or other users may write to it");
  REQUIRE(::chmod(scene.images().c_str(), 0777) == 0);
  CHECK(Server(scene.files, scene.images()).listener.image_error == "other users may write to its directory");
  REQUIRE(::chmod(scene.images().c_str(), 0750) == 0);
  std::filesystem::rename(scene.image, scene.image + ".there");
  std::filesystem::create_symlink(scene.image + ".there", scene.image);
  CHECK(!Server(scene.files, scene.images()).listener.from_image);
}

TEST_CASE("images: rejects the image of another zone or zone file") {
  Scene scene;
  scene.files.write("dir/b.zone", kZone);
  std::filesystem::copy_file(scene.image, scene.images() + "/b.image");
  scene.files.remove("dir/a.zone");
  CHECK(Server(scene.files, scene.images()).listener.image_error == "it belongs to another zone or zone file");
}

TEST_CASE("images: a zone from an image accepts reloads and overlays like a parsed zone") {
  Scene scene;
  Server from_image(scene.files, scene.images()), read(scene.files, "");
  REQUIRE(from_image.listener.from_image);
  for (std::uint8_t round = 1; round < 20; ++round) {
    scene.files.write("dir/a.zone", kZone + "h" + std::to_string(round % 3) + " A 192.0.2.9\nns A 192.0.2." +
                                        std::to_string(round) + "\n");
    for (Server* server : {&from_image, &read}) {
      if (round % 2 == 0) server->store.apply_overlay(overlay_of(round, round), server->listener);
      server->load();
    }
    REQUIRE(from_image.text() == read.text());
  }
  // The outdated requests fail with an empty error. The last image is written.
  CHECK(from_image.write_images().ends_with("a. ;a.;"));
  Server again(scene.files, scene.images());
  CHECK(again.listener.from_image);
  again.store.apply_overlay(overlay_of(100, 18), again.listener);
  Server parsed(scene.files, "");
  parsed.store.apply_overlay(overlay_of(100, 18), parsed.listener);
  CHECK(again.text() == parsed.text());
}

TEST_CASE("images: after a restart the journal continues the content and serial of a zone from an image") {
  Scene scene;
  server::MemoryDisk disk;
  std::string text;
  dns::Serial serial;
  const auto serial_of = [](const Server& server) { return server.store.snapshot()->zones().front()->serial(); };
  {
    auto journal = server::Journal::open(disk.disk());
    REQUIRE(journal.has_value());
    Server server(scene.files, scene.images(), journal->get());
    REQUIRE(server.listener.from_image);
    server.store.apply_overlay(overlay_of(1, 77), server.listener);
    text = server.text();
    serial = serial_of(server);
    CHECK(serial == dns::Serial{2});
    (*journal)->close();
  }
  disk.crash();  // releases the lock on the directory
  auto journal = server::Journal::open(disk.disk());
  REQUIRE(journal.has_value());
  Server server(scene.files, scene.images(), journal->get());
  CHECK(server.listener.from_image);
  CHECK(server.text() == text);
  CHECK(serial_of(server) == serial);
  server.store.apply_overlay(overlay_of(2, 78), server.listener);
  CHECK(serial_of(server) == dns::Serial{3});
  (*journal)->close();
}

TEST_CASE("images: a touched zone file with the same content gets a new image") {
  Scene scene;
  Server server(scene.files, scene.images());
  scene.files.touch("dir/a.zone");
  server.load();
  CHECK(server.write_images() == "a.;");
  CHECK(Server(scene.files, scene.images()).listener.from_image);
}

TEST_CASE("images: zones with $INCLUDE or with diagnostics get no image") {
  const ::dns::test::TemporaryDirectory directory;
  server::MemoryFiles files;
  files.write("dir/a.zone", kZone + "$INCLUDE more\n");
  files.write("dir/more", "x A 192.0.2.1\n");
  CHECK(Server(files, directory.path()).write_images().empty());
  files.write("dir/a.zone", kZone + "dup A 192.0.2.1\ndup A 192.0.2.1\n");
  CHECK(Server(files, directory.path()).write_images().empty());
}

TEST_CASE("images: a failed or canceled write returns an error and leaves no file") {
  const ::dns::test::TemporaryDirectory directory;
  server::MemoryFiles files;
  files.write("dir/a.zone", kZone);
  Server server(files, directory.path() / "none/images");
  CHECK(server.write_images() == "a. No such file or directory;");
  Server ending(files, directory.path());
  const auto requests = ending.store.take_image_requests();
  REQUIRE(requests.size() == 1);
  const std::atomic<bool> ended = true;
  CHECK(!ending.writer.write(requests.front(), files, ended).has_value());
  CHECK(std::filesystem::is_empty(directory.path()));
}
