// Files in memory for the zone parsers, for tests without a disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "zone/diagnostic/source.h"

namespace dns {

class FakeText final : public Text {
 public:
  explicit FakeText(std::string text) : text_(std::move(text)) {}
  std::string_view text() const override { return text_; }

 private:
  std::string text_;
};

// Can be read any number of times. Counts how often the text is held.
class FakeParts final : public ChunkedText {
 public:
  FakeParts(const std::string& file, std::size_t part_size, std::size_t& held)
      : file_(file), before_(file), part_size_(part_size), held_(held) {}
  std::uint64_t size() const override { return before_.size(); }
  std::size_t part_size() const override { return part_size_; }
  bool read_part(std::size_t index, std::span<char> room) override { return read(index * part_size_, room); }
  bool read(std::uint64_t at, std::span<char> room) const override {
    return at + room.size() <= file_.size() && file_.copy(room.data(), room.size(), at) == room.size();
  }
  bool finish() override { return file_ == before_; }
  std::string_view text() const override { return is_held_ ? std::string_view(before_) : std::string_view(); }
  bool hold() override {
    ++held_;
    return is_held_ = file_ == before_;
  }

 private:
  const std::string& file_;
  std::string before_;
  std::size_t part_size_;
  std::size_t& held_;
  bool is_held_ = false;
};

class FakeFiles final : public SourceReader {
 public:
  std::map<std::string, std::string, std::less<>> files;
  std::size_t part_size = 0;  // of the zone file; 0: it is opened as a whole
  std::size_t opened = 0, held = 0;

  OpenedParts open_parts(std::string_view path) override {
    const auto found = files.find(path);
    if (part_size == 0 || found == files.end() || found->second.empty()) return {};
    return {found->first, std::make_unique<FakeParts>(found->second, part_size, held)};
  }

  Result<Opened, std::string> open(std::string_view path, std::string_view) override {
    const auto found = files.find(path);
    if (found == files.end()) return Failure(std::string("No such file or directory"));
    ++opened;
    return Opened{found->first, std::make_unique<FakeText>(found->second)};
  }
};

}  // namespace dns
