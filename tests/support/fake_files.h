// Files that a test makes up: the reader that zone parsers are given where no disk is wanted.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "zone/fault/source.h"

namespace dns {

class FakeText final : public Text {
 public:
  explicit FakeText(std::string text) : text_(std::move(text)) {}
  std::string_view text() const override { return text_; }

 private:
  std::string text_;
};

class FakeFiles final : public SourceReader {
 public:
  std::map<std::string, std::string, std::less<>> files;

  Result<Opened, std::string> open(std::string_view path, std::string_view) override {
    const auto found = files.find(path);
    if (found == files.end()) return Failure(std::string("No such file or directory"));
    return Opened{found->first, std::make_unique<FakeText>(found->second)};
  }
};

}  // namespace dns
