// The texts that a zone is read from, and places in them. No I/O: a `SourceReader` is the caller's door to the files.
//
// A `Place` is a file and an offset, so that a record costs nothing to locate; line and column are counted when a
// person is about to read them. `Sources` owns every text it was given until it is destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zone/base/result.h"

namespace dns {

// A file's text, held however its opener likes (a string, a mapping). `text()` stays valid while it lives.
class Text {
 public:
  virtual ~Text() = default;
  virtual std::string_view text() const = 0;
  // False where it is not held and cannot be held any more, for it was altered: then `text()` is empty.
  virtual bool hold() { return true; }
};

// A text that is not held before `hold`: who reads all of it reads part by part, into room of its own that is used
// again.
class PartedText : public Text {
 public:
  virtual std::uint64_t size() const = 0;
  virtual std::size_t part_size() const = 0;  // of each part but the last, which is not empty
  // Part `index` into `room`, which is as large. Each once; several threads at once, here and in `read`. False where it
  // cannot be read.
  virtual bool read_part(std::size_t index, std::span<char> room) = 0;
  // Fills `room` from `at`, all of it within the text.
  virtual bool read(std::uint64_t at, std::span<char> room) const = 0;
  // When each part has been read: true where all that was read is of one text, which nobody altered meanwhile.
  virtual bool finish() = 0;
};

// The door to the files.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  struct Opened {
    std::string path;  // as diagnostics name it; also what tells one file from another
    std::unique_ptr<Text> text;
  };
  // `included_by` is empty for the zone file itself; a relative path is relative to the including file's directory.
  // The error is words for a person: "No such file or directory".
  virtual Result<Opened, std::string> open(std::string_view path, std::string_view included_by) = 0;

  struct OpenedParts {
    std::string path;
    std::unique_ptr<PartedText> text;
  };
  // The zone file to be read in parts; no text where it is small, or is opened whole for any other reason, which `open`
  // tells.
  virtual OpenedParts open_parts(std::string_view) { return {}; }
};

struct Place {
  std::uint32_t source = 0;  // index into Sources
  std::uint64_t offset = 0;  // octets into its text

  friend bool operator==(const Place&, const Place&) = default;
};

struct Position {
  std::string_view path;
  std::size_t line = 1;        // from 1
  std::size_t column = 1;      // from 1, in octets
  std::string_view line_text;  // without its end
};

class Sources {
 public:
  Sources() = default;
  Sources(Sources&&) = default;
  Sources& operator=(Sources&&) = default;

  // Adds an opened text, included at `included_at` (none for the zone file).
  std::uint32_t add(SourceReader::Opened opened, std::optional<Place> included_at);
  std::string_view text(std::uint32_t source) const { return sources_[source]->opened.text->text(); }
  bool hold(std::uint32_t source) { return sources_[source]->opened.text->hold(); }
  std::string_view path(std::uint32_t source) const { return sources_[source]->opened.path; }
  std::optional<Place> included_at(std::uint32_t source) const { return sources_[source]->included_at; }
  std::size_t size() const { return sources_.size(); }
  // Forgets those added since there were `count`.
  void keep_first(std::size_t count) {
    sources_.erase(sources_.begin() + static_cast<std::ptrdiff_t>(count), sources_.end());
  }
  Position position(Place place) const;  // O(offset)

 private:
  struct Source {
    SourceReader::Opened opened;
    std::optional<Place> included_at;
  };
  std::vector<std::unique_ptr<Source>> sources_;  // each stays where it is: views of their paths are handed out
};

}  // namespace dns
