// The texts that a zone is read from, and places in them. No I/O: the caller's `SourceReader` opens the files.
//
// A `Place` is a file and an offset, which cost nothing to record. Line and column are computed only for output.
// `Sources` owns all texts that were added to it.
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

// The text of a file, stored as the SourceReader chooses (a string, a mapping). `text()` stays valid while it lives.
class Text {
 public:
  virtual ~Text() = default;
  virtual std::string_view text() const = 0;
  // Makes `text()` available. False if the file has changed and cannot be loaded any more: then `text()` is empty.
  virtual bool hold() { return true; }
};

// A text that is not in memory before `hold`. Readers read it part by part into their own reusable buffers.
class ChunkedText : public Text {
 public:
  virtual std::uint64_t size() const = 0;
  virtual std::size_t part_size() const = 0;  // of each part but the last, which may be shorter but not empty
  // Reads part `index` into `room`, which has the size of the part. Read each part once. Several threads may call this
  // and `read` at the same time. False on a read error.
  virtual bool read_part(std::size_t index, std::span<char> room) = 0;
  // Fills `room` with the octets from `at`, which must lie within the text.
  virtual bool read(std::uint64_t at, std::span<char> room) const = 0;
  // Call after all parts have been read. True if the file did not change meanwhile.
  virtual bool finish() = 0;
};

// Opens zone files and their includes.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  struct Opened {
    std::string path;  // the path in diagnostics; also identifies the file
    std::unique_ptr<Text> text;
  };
  // `included_by` is empty for the zone file itself; a relative path is relative to the including file's directory.
  // The error is a message: "No such file or directory".
  virtual Result<Opened, std::string> open(std::string_view path, std::string_view included_by) = 0;

  struct OpenedParts {
    std::string path;
    std::unique_ptr<ChunkedText> text;
  };
  // Opens the zone file for reading in parts. Returns no text for a small file and on any error: use `open` then.
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
  std::string_view line_text;  // without the line end
};

class Sources {
 public:
  Sources() = default;
  Sources(Sources&&) = default;
  Sources& operator=(Sources&&) = default;

  // Adds an opened text. `included_at` is the place of its $INCLUDE; none for the zone file.
  std::uint32_t add(SourceReader::Opened opened, std::optional<Place> included_at);
  std::string_view text(std::uint32_t source) const { return sources_[source]->opened.text->text(); }
  bool hold(std::uint32_t source) { return sources_[source]->opened.text->hold(); }
  std::string_view path(std::uint32_t source) const { return sources_[source]->opened.path; }
  std::optional<Place> included_at(std::uint32_t source) const { return sources_[source]->included_at; }
  std::size_t size() const { return sources_.size(); }
  // Removes all sources but the first `count`.
  void keep_first(std::size_t count) {
    sources_.erase(sources_.begin() + static_cast<std::ptrdiff_t>(count), sources_.end());
  }
  Position position(Place place) const;  // O(offset)

 private:
  struct Source {
    SourceReader::Opened opened;
    std::optional<Place> included_at;
  };
  std::vector<std::unique_ptr<Source>> sources_;  // pointers: Position refers to the paths, so they must not move
};

}  // namespace dns
