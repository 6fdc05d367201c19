#include "server/zonefiles/reader.h"

#include <algorithm>
#include <utility>

namespace server {
namespace {

bool is_below(std::string_view path, std::string_view directory) {
  return directory == "/" ||
         (path.starts_with(directory) && path.size() > directory.size() && path[directory.size()] == '/');
}

constexpr std::size_t kMinBlocks = 4;  // a smaller text is read as a whole

}  // namespace

// The hash of each part is computed when the part is read. `hold` reads the whole text again and checks that the file
// is unchanged.
class ZoneFileReader::PartedFile final : public dns::ChunkedText {
 public:
  PartedFile(ZoneFileReader& reader, std::string path, std::unique_ptr<OpenFile> file)
      : reader_(reader),
        path_(std::move(path)),
        file_(std::move(file)),
        hashes_((size() + kHashBlock - 1) / kHashBlock) {}

  std::uint64_t size() const override { return file_->stamp().size; }
  std::size_t part_size() const override { return kHashBlock; }
  bool read(std::uint64_t at, std::span<char> room) const override { return file_->read(at, room); }
  bool read_part(std::size_t index, std::span<char> room) override {
    if (!file_->read(std::uint64_t{index} * kHashBlock, room)) return false;
    hashes_[index] = content_hash({room.data(), room.size()});
    return true;
  }
  bool finish() override {
    if (!file_->is_unchanged()) return false;
    reader_.add_read_file({path_, file_->stamp(), combined_hash(hashes_)});
    return true;
  }

  std::string_view text() const override { return text_ ? text_->text() : std::string_view(); }
  bool hold() override {
    if (text_) return true;
    auto text = std::make_unique<OwnedText>(size());
    if (!file_->read(0, text->room()) || !file_->is_unchanged()) return false;
    text_ = std::move(text);
    return true;
  }

 private:
  ZoneFileReader& reader_;
  std::string path_;
  std::unique_ptr<OpenFile> file_;
  std::vector<std::uint64_t> hashes_;  // each written by the thread that reads the part
  std::unique_ptr<OwnedText> text_;    // after `hold`
};

dns::SourceReader::OpenedParts ZoneFileReader::open_parts(std::string_view path) {
  begin(path);
  auto file = files_.open(zone_file_);
  if (!file || (*file)->stamp().size < kMinBlocks * kHashBlock) return {};
  return {zone_file_, std::make_unique<PartedFile>(*this, zone_file_, std::move(*file))};
}

// A second attempt on the same zone file starts with an empty list.
void ZoneFileReader::begin(std::string_view zone_file) {
  zone_file_ = zone_file;
  read_.clear();
}

void ZoneFileReader::add_read_file(ReadFile file) {
  const bool known = std::ranges::any_of(read_, [&](const ReadFile& other) { return other.path == file.path; });
  if (!known) read_.push_back(std::move(file));
}

dns::Result<dns::SourceReader::Opened, std::string> ZoneFileReader::open(std::string_view path,
                                                                         std::string_view included_by) {
  const std::string full = included_by.empty() ? std::string(path) : join_path(directory_of(included_by), path);
  // The file shows the path that is written in it. The one that was tried may be another.
  const auto failure = [&](const std::string& why) {
    return dns::Failure<std::string>(included_by.empty() || full == path ? why : full + ": " + why);
  };
  if (included_by.empty()) {
    begin(full);
  } else if (scope_ == IncludeScope::kInside) {
    if (const auto inside = check_inside(full); !inside) return failure(inside.error());
  }
  auto content = files_.read(full);
  if (!content) return failure(content.error());
  add_read_file({full, content->stamp, content_hash(content->text->text())});
  return Opened{full, std::move(content->text)};
}

bool ZoneFileReader::may_include(std::string_view zone_file, const std::string& path) {
  if (scope_ == IncludeScope::kAnywhere) return true;
  begin(zone_file);
  return check_inside(path).has_value();
}

void ZoneFileReader::find_include_roots() {
  if (!include_roots_.empty()) return;
  if (const auto directory = files_.resolve(directory_of(zone_file_))) include_roots_.push_back(*directory);
  if (const auto file = files_.resolve(zone_file_)) include_roots_.push_back(directory_of(*file));
}

dns::Result<void, std::string> ZoneFileReader::check_inside(const std::string& path) {
  find_include_roots();
  const auto real = files_.resolve(path);
  if (!real) return dns::Failure<std::string>(real.error());
  if (std::ranges::any_of(include_roots_, [&](const std::string& root) { return is_below(*real, root); })) return {};
  return dns::Failure<std::string>("outside the zone file's directory (includes = \"anywhere\" allows it)");
}

}  // namespace server
