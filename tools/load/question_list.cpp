#include "tools/load/question_list.h"

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include <fmt/format.h>

#include "tools/query/question.h"
#include "zone/base/ascii.h"

namespace tools {
namespace {

constexpr std::size_t kAbsentLabel = 12;  // octets of the random label of a name that does not exist

// A uniform sample of the queries that a zone answers (reservoir sampling).
struct Sample {
  struct Item {
    dns::Name name;
    dns::Type type;
  };
  std::vector<Item> items;
  std::uint64_t seen = 0;

  void offer(dns::Name name, dns::Type type, std::mt19937_64& random) {
    ++seen;
    if (items.size() < QuestionList::kMaxFromZone) {
      items.push_back({std::move(name), type});
    } else if (const std::uint64_t place = random() % seen; place < items.size()) {
      items[place] = {std::move(name), type};
    }
  }
};

dns::Name absent_below(dns::NameView apex, std::mt19937_64& random) {
  std::array<std::uint8_t, 1 + kAbsentLabel> label{kAbsentLabel};
  for (std::size_t i = 1; i < label.size(); ++i) label[i] = static_cast<std::uint8_t>('a' + random() % 26);
  const auto name = dns::join(label, apex);
  return name ? *name : dns::Name(apex);
}

}  // namespace

void QuestionList::add(const dns::Name& name, dns::Type type) {
  QuestionMessage message = shape_;
  message.name = name;
  message.type = type;
  auto request = encode(message);
  request[0] = request[1] = 0;
  starts_.push_back({octets_.size(), static_cast<std::uint32_t>(request.size())});
  octets_.insert(octets_.end(), request.begin(), request.end());
}

dns::Result<void, std::string> QuestionList::add_file(const std::string& path) {
  std::ifstream file(path == "-" ? "/dev/stdin" : path);
  if (!file) return dns::Failure(fmt::format("{} cannot be read", path));
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word && word[0] != ';' && word[0] != '#';) words.push_back(word);
    if (words.empty()) continue;
    const auto question = parse_question(words);
    if (!question) return dns::Failure(fmt::format("{}:{}: {}", path, number, question.error()));
    if (question->klass != dns::Class::IN) return dns::Failure(fmt::format("{}:{}: {}", path, number, kOnlyInternet));
    add(question->name, question->type);
  }
  if (file.bad()) return dns::Failure(fmt::format("{} cannot be read to its end", path));
  return {};
}

void QuestionList::add_zone(const dns::Zone& zone, const ZoneSample& share) {
  std::mt19937_64 random(share.seed);
  Sample sample;
  zone.for_each([&](const dns::NodeView& node) {
    const dns::Name owner = node.owner();
    for (std::size_t i = 0; i < node.set_count(); ++i)
      if (const dns::Type type = node.set(i).type; type != dns::Type::RRSIG && type != dns::Type::NSEC)
        sample.offer(owner, type, random);
    return true;
  });
  for (const Sample::Item& item : sample.items) add(item.name, item.type);
  const std::size_t absent = sample.items.size() * share.absent_percent / (100 - share.absent_percent);
  for (std::size_t i = 0; i < absent; ++i) add(absent_below(zone.apex(), random), dns::Type::A);
}

void QuestionList::shuffle(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  // Not std::shuffle: its order may differ between standard libraries.
  for (std::size_t i = starts_.size(); i > 1; --i) std::swap(starts_[i - 1], starts_[random() % i]);
}

}  // namespace tools
