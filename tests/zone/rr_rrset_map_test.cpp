// A map and its versions against std::map.
#include <map>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/repetitions.h"
#include "zone/name/text.h"
#include "zone/rr/rrset_map.h"

using namespace dns;

namespace {

struct Numbered {
  Name owner;
  Type type{};
  int number = 0;
};
using Map = RrsetMap<Numbered>;

Name owner_of(int number) { return *parse_name("h" + std::to_string(1000 + number) + ".example."); }

// As text: "h1003.example. A 7".
std::string text_of(const Map& map) {
  std::string text;
  for (const Map::Value& value : map)
    text += to_text(value->owner) + " " + std::to_string(static_cast<int>(value->type)) + " " +
            std::to_string(value->number) + "\n";
  return text;
}

}  // namespace

TEST_CASE("rrset map: versions, lookups and differences are those of a plain map") {
  for (std::size_t seed = 0; seed < test::repetitions(20); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const int owners = 1 + static_cast<int>(random() % 400);
    std::map<std::pair<int, Type>, Map::Value> model;
    Map map;
    for (int round = 0; round < 60; ++round) {
      std::map<std::pair<int, Type>, Map::Value> changes;
      for (std::size_t left = random() % (round % 10 == 0 ? 300 : 5); left > 0; --left) {
        const int owner = static_cast<int>(random() % static_cast<unsigned>(owners));
        const Type type = random() % 2 == 0 ? Type::A : Type::AAAA;
        changes[{owner, type}] =
            random() % 3 == 0
                ? nullptr
                : std::make_shared<const Numbered>(Numbered{owner_of(owner), type, static_cast<int>(random() % 1000)});
      }
      std::map<int, Name> names;
      for (const auto& [key, value] : changes) names.try_emplace(key.first, owner_of(key.first));
      std::vector<Map::Edit> edits;
      for (const auto& [key, value] : changes) edits.push_back({&names.at(key.first), key.second, value});
      const Map before = map;
      const std::string text_before = text_of(before);
      map = map.with(edits);

      std::size_t differences = 0, expected = 0;
      for (const auto& [key, value] : changes) {
        const auto old = model.find(key);
        expected += value != nullptr || old != model.end() ? 1U : 0U;
        if (value == nullptr) model.erase(key);
        else model[key] = value;
        CHECK(map.find(names.at(key.first), key.second) == value);
      }
      Map::for_each_difference(before, map, [&](const Map::Value& was, const Map::Value& is) {
        const Numbered& any = was != nullptr ? *was : *is;
        CHECK(before.find(any.owner, any.type) == was);
        CHECK(map.find(any.owner, any.type) == is);
        CHECK(was != is);
        ++differences;
      });
      CHECK(differences == expected);
      CHECK(text_of(before) == text_before);
      CHECK(map.size() == model.size());
      std::vector<Map::Value> values;
      for (const auto& [key, value] : model) values.push_back(value);
      const Map made(std::move(values));
      CHECK(text_of(map) == text_of(made));
      CHECK(map == made);
      CHECK((map == before) == (expected == 0));
    }
  }
}

TEST_CASE("rrset map: a difference passes over what the versions share") {
  std::vector<Map::Value> values;
  for (int i = 0; i < 6000; ++i) values.push_back(std::make_shared<const Numbered>(Numbered{owner_of(i), Type::A, i}));
  const Map map(std::move(values));
  const Map next = map.with(std::make_shared<const Numbered>(Numbered{owner_of(3000), Type::A, 1}));
  std::size_t shared = 0;
  for (auto a = map.begin(), b = next.begin(); a != map.end(); ++a, ++b) shared += &*a == &*b ? 1U : 0U;
  CHECK(shared > 5900);
}

TEST_CASE("rrset map: values in any order; of one key the last is used") {
  const auto value = [](int owner, Type type, int number) {
    return std::make_shared<const Numbered>(Numbered{owner_of(owner), type, number});
  };
  const Map map = Map::of_unordered({value(3, Type::A, 1), value(1, Type::AAAA, 2), value(3, Type::A, 3),
                                     value(1, Type::A, 4), value(3, Type::A, 5)});
  CHECK(text_of(map) == text_of(Map({value(1, Type::A, 4), value(1, Type::AAAA, 2), value(3, Type::A, 5)})));
  CHECK(Map::of_unordered({}).empty());
}
