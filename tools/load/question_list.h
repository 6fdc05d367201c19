// Questions by the million as ready requests, one after the other in memory: what `bench` sends.
//
// From a file in the form that other load generators read ("NAME TYPE" a line, ";" or "#" begins a comment), from the
// names and types of a zone, or from the command line. The id of each request is left 0: the sender puts its own before
// it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/query/client.h"
#include "zone/snapshot/zone.h"

namespace tools {

class QuestionList {
 public:
  // `shape` says all but the name and type: RD, EDNS, DO, size.
  explicit QuestionList(const QuestionMessage& shape) : shape_(shape) {}

  void add(const dns::Name& name, dns::Type type);
  // The error is words for a person: the file cannot be read, or what is wrong in which line.
  dns::Result<void, std::string> add_file(const std::string& path);

  // What the zone holds: one question for each set, at most kMaxFromZone, chosen evenly where there are more; and so
  // many per cent more for names that it does not hold. The same zone and seed give the same questions.
  struct ZoneSample {
    unsigned absent_percent = 0;  // of all questions: 0 to 99
    std::uint64_t seed = 1;
  };
  void add_zone(const dns::Zone& zone, const ZoneSample& share);

  // Into another order, the same for the same seed: a zone's own order would be kind to caches.
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
