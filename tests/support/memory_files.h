// Files in memory: the store's interface to the disk, for tests that touch, break and remove files between two loads.
//
// Each write changes the stamp, as the clock of a disk does. A path with a link acts as its target in all calls.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string>

#include "server/zonefiles/files.h"

namespace server {

class MemoryText : public dns::Text {
 public:
  explicit MemoryText(std::string text) : text_(std::move(text)) {}
  std::string_view text() const override { return text_; }

 private:
  std::string text_;
};

class MemoryFiles : public Files {
 public:
  void write(const std::string& path, std::string text) { files_[path] = {std::move(text), ++clock_}; }
  void touch(const std::string& path) { files_.at(path).time = ++clock_; }
  void remove(const std::string& path) { files_.erase(path); }
  void link(const std::string& path, const std::string& target) { links_[path] = target; }
  void lose(const std::string& directory) { lost_.insert(directory); }
  void find_again(const std::string& directory) { lost_.erase(directory); }

  std::size_t reads() const { return reads_; }

  Outcome<Content> read(const std::string& path) override {
    const auto file = files_.find(real(path));
    if (file == files_.end()) return missing();
    ++reads_;
    return Content{std::make_unique<MemoryText>(file->second.text), stamp_of(file->second)};
  }
  // Line by line; an indented line belongs to the line above it.
  Outcome<FileStamp> read_parts(const std::string& path, const std::function<bool(std::string_view)>& take) override {
    const auto file = files_.find(real(path));
    if (file == files_.end()) return missing();
    ++reads_;
    for (std::string_view rest = file->second.text; !rest.empty();) {
      std::size_t end = 0;
      do end = std::min(rest.find('\n', end), rest.size() - 1) + 1;
      while (end < rest.size() && rest[end] == ' ');
      const std::string_view part = rest.substr(0, end);
      rest.remove_prefix(end);
      if (!take(part)) break;
    }
    return stamp_of(file->second);
  }
  Outcome<std::unique_ptr<OpenFile>> open(const std::string& path) override {
    if (!files_.contains(real(path))) return missing();
    return std::make_unique<MemoryFile>(*this, path);
  }
  Outcome<FileStamp> stamp(const std::string& path) override {
    const auto file = files_.find(real(path));
    if (file == files_.end()) return missing();
    return stamp_of(file->second);
  }
  Outcome<FileKind> kind(const std::string& path) override {
    if (lost_.contains(path)) return missing();
    if (files_.contains(real(path))) return FileKind::kRegular;
    if (!list(path)->empty()) return FileKind::kDirectory;
    return missing();
  }
  Outcome<std::vector<ListedFile>> list(const std::string& directory) override {
    if (lost_.contains(directory)) return missing();
    std::set<std::string> names;
    const auto add = [&](const std::string& path) {
      if (path.starts_with(directory + "/"))
        names.insert(path.substr(directory.size() + 1, path.find('/', directory.size() + 1) - directory.size() - 1));
    };
    for (const auto& [path, file] : files_) add(path);
    for (const auto& [path, target] : links_) add(path);
    std::vector<ListedFile> listed;
    for (const std::string& name : names) listed.push_back({name, std::nullopt});
    return listed;
  }
  Outcome<std::string> resolve(const std::string& path) override { return real(path); }

 private:
  struct File {
    std::string text;
    std::int64_t time;
  };

  // Reads the current contents, not those at the time of opening.
  class MemoryFile final : public OpenFile {
   public:
    MemoryFile(MemoryFiles& files, const std::string& path) : files_(files), path_(path), stamp_(*files.stamp(path)) {}
    FileStamp stamp() const override { return stamp_; }
    bool is_unchanged() const override {
      const auto now = files_.stamp(path_);
      return now && *now == stamp_;
    }
    bool read(std::uint64_t at, std::span<char> room) const override {
      const auto file = files_.files_.find(files_.real(path_));
      if (file == files_.files_.end() || at + room.size() > file->second.text.size()) return false;
      file->second.text.copy(room.data(), room.size(), at);
      return true;
    }

   private:
    MemoryFiles& files_;
    std::string path_;
    FileStamp stamp_;
  };

  static dns::Failure<std::string> missing() { return dns::Failure<std::string>("No such file or directory"); }
  static FileStamp stamp_of(const File& file) {
    return {.device = 1, .inode = 1, .size = file.text.size(), .modified_ns = file.time, .changed_ns = file.time};
  }
  std::string real(const std::string& path) const {
    const auto link = links_.find(path);
    return link == links_.end() ? path : link->second;
  }

  std::map<std::string, File> files_;
  std::map<std::string, std::string> links_;
  std::set<std::string> lost_;
  std::int64_t clock_ = 0;
  std::atomic<std::size_t> reads_ = 0;
};

}  // namespace server
