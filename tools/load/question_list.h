// The queries of `bench`, encoded in advance and stored one after the other in memory.
//
// Sources: a file in the format of other load generators (one "NAME TYPE" per line, ";" or "#" begins a comment), the
// names and types of a zone, or the command line. The ID of each request is 0; the sender replaces it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/query/client.h"
#include "zone/snapshot/zone.h"

namespace tools {

inline constexpr std::string_view kOnlyInternet = "queries are sent in class IN only";

class QuestionList {
 public:
  // `shape` contains the settings other than name and type: RD, EDNS, DO, UDP size.
  explicit QuestionList(const QuestionMessage& shape) : shape_(shape) {}

  void add(const dns::Name& name, dns::Type type);
  // "-" is standard input. The error is a message for the user: the file cannot be read, or a line (with its number) is
  // invalid.
  dns::Result<void, std::string> add_file(const std::string& path);

  // Adds one query for each RRset of the zone except RRSIG and NSEC, but at most kMaxFromZone; a larger zone is sampled
  // uniformly. Adds queries for names that do not exist. The same zone and seed give the same queries.
  struct ZoneSample {
    unsigned absent_percent = 0;  // share of the queries for names that do not exist: 0 to 99
    std::uint64_t seed = 1;
  };
  void add_zone(const dns::Zone& zone, const ZoneSample& share);

  // Shuffles the queries. The same seed gives the same order. The order of a zone would favour caches.
  void shuffle(std::uint64_t seed);

  static constexpr std::size_t kMaxFromZone = 1'000'000;

  std::size_t size() const { return starts_.size(); }
  dns::Bytes operator[](std::size_t index) const {
    const Start& start = starts_[index];
    return {octets_.data() + start.at, start.size};
  }

 private:
  struct Start {
    std::uint64_t at;
    std::uint32_t size;
  };
  QuestionMessage shape_;
  std::vector<std::uint8_t> octets_;
  std::vector<Start> starts_;
};

}  // namespace tools
