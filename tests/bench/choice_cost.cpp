// Measures the cost of per-client answers: the query path on one zone with and without managed names.
//
//     choice_cost ratio [NAMES]                           sends each set of questions to both zones in turn, and prints
//                                                         the ratio of their times
//     choice_cost count QUESTIONS with|without [NAMES]    runs one round in count_me() alone, for callgrind's
//                                                         --toggle-collect
//
// unmanaged  names that are not managed
// managed    names that failover manages in one of the zones, with the same set for all clients
// choice     names with a choice in one of the zones
//
// One zone has no managed names. The other has 10,000 managed names among the same names, so the trees are alike. The
// responder answers each question, octets to octets.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/bench/querier.h"
#include "tests/support/choices.h"
#include "tests/support/query_bytes.h"
#include "zone/build/builder.h"
#include "zone/name/text.h"

namespace {

constexpr std::size_t kManaged = 10000, kQuestions = 20000;
constexpr int kRounds = 41;

dns::Name name_at(std::size_t i) { return *dns::parse_name("host-" + std::to_string(i) + ".example."); }

std::shared_ptr<const dns::Zone> zone_of(std::size_t names) {
  dns::ZoneBuilder builder(*dns::parse_name("example."));
  const std::vector<std::uint8_t> soa = {1,  'n', 0, 1,  'h', 0, 0,  0,   0, 1, 0, 0, 28,
                                         32, 0,   0, 14, 16,  0, 18, 117, 0, 0, 0, 0, 60};
  builder.add(*dns::parse_name("example."), dns::Type::SOA, 300, soa);
  for (std::size_t i = 0; i < names; ++i) {
    const std::uint8_t address[] = {10, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                                    static_cast<std::uint8_t>(i)};
    builder.add(name_at(i), dns::Type::A, 300, address);
  }
  return builder.finish().zone;
}

// Every n-th name is managed: half of these with a set for all clients, half with a choice beside the set.
struct Managed {
  std::size_t step;
  bool has(std::size_t i) const { return i % step == 0; }
  bool is_choice(std::size_t i) const { return i / step % 2 == 1; }
};

dns::ClientChoice plan_of(std::size_t i) {
  const auto last = static_cast<std::uint8_t>(i);
  dns::ClientChoice plan;
  for (std::uint8_t variant = 1; variant <= 2; ++variant) {
    plan.variants.emplace_back(dns::Type::A, 30);
    plan.variants.back().add(std::vector<std::uint8_t>{192, 0, variant, last});
  }
  plan.rules.push_back(dns::test::arm_of(
      dns::kNoView, dns::test::dealt(std::vector<std::uint32_t>{70, 30}, std::vector<std::uint64_t>{i, i + 1})));
  return plan;
}

std::shared_ptr<const dns::Zone> managed_of(const std::shared_ptr<const dns::Zone>& zone, const Managed& managed,
                                            std::size_t names) {
  dns::Change change{zone->apex(), {}};
  for (std::size_t i = 0; i < names; i += managed.step) {
    const dns::Name owner = name_at(i);
    dns::Rrset set(dns::Type::A, 30);
    set.add(std::vector<std::uint8_t>{192, 0, 2, static_cast<std::uint8_t>(i)});
    change.sets.push_back({owner, dns::Type::A, {}, dns::Rrset(*zone->find_exact(owner)->find(dns::Type::A)), set});
    if (managed.is_choice(i))
      change.sets.push_back({owner, dns::kClientChoiceType, dns::Type::A, {}, dns::encode(plan_of(i))});
  }
  return *dns::apply(zone, change);
}

struct Questions {
  const char* name;
  std::vector<std::vector<std::uint8_t>> all{};
  std::vector<double> without{}, with{};  // nanoseconds for each query of each round
};

struct Asked {
  const Questions* questions;
  const dns::Snapshot* snapshot;
};

class Bench {
 public:
  explicit Bench(std::size_t names) : names_(names), managed_{std::max<std::size_t>(2, names / kManaged)} {
    const auto views =
        std::make_shared<const dns::ViewTable>(std::vector{dns::test::view("closed", {"10.0.0.0/8"}, {"10.1.0.53"})});
    const std::shared_ptr<const dns::Zone> plain[] = {zone_of(names)},
                                           managed[] = {managed_of(zone_of(names), managed_, names)};
    without_ = dns::Snapshot::of({})->with(plain, {}, views);
    with_ = dns::Snapshot::of({})->with(managed, {}, views);
    add("unmanaged", [&](std::size_t i) { return !managed_.has(i); });
    add("managed", [&](std::size_t i) { return managed_.has(i) && !managed_.is_choice(i); });
    add("choice", [&](std::size_t i) { return managed_.has(i) && managed_.is_choice(i); });
  }

  std::size_t ask(const Asked& asked) { return querier_.ask(asked.questions->all, *asked.snapshot); }

  std::vector<Questions>& questions() { return questions_; }
  const dns::Snapshot& without() const { return *without_; }
  const dns::Snapshot& with() const { return *with_; }

 private:
  template <class Wanted>
  void add(const char* name, Wanted&& wanted) {
    Questions questions{.name = name};
    std::uint64_t state = 1;
    while (questions.all.size() < kQuestions) {
      state = dns::mix_bits(state);
      const std::size_t i = state % names_;
      // Names of the same length, because the number of octets of a question affects its cost.
      if (!wanted(i) || i < names_ / 10) continue;
      const std::string owner = to_text(name_at(i));
      questions.all.push_back(dns::test::octets_of({.name = owner, .id = static_cast<std::uint16_t>(state >> 32)}));
    }
    questions_.push_back(std::move(questions));
  }

  std::size_t names_;
  Managed managed_;
  std::shared_ptr<const dns::Snapshot> without_, with_;
  std::vector<Questions> questions_;
  dns::test::Querier querier_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

double nanoseconds(Bench& bench, const Asked& asked) {
  const auto begin = std::chrono::steady_clock::now();
  bench.ask(asked);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  return took.count() / kQuestions;
}

void print_ratios(Bench& bench) {
  for (int round = 0; round < kRounds; ++round)
    for (Questions& questions : bench.questions()) {
      questions.without.push_back(nanoseconds(bench, {&questions, &bench.without()}));
      questions.with.push_back(nanoseconds(bench, {&questions, &bench.with()}));
    }
  for (const Questions& questions : bench.questions()) {
    std::vector<double> ratios;  // of adjacent rounds, so that other work on the machine affects both
    for (std::size_t round = 0; round < questions.with.size(); ++round)
      ratios.push_back(questions.with[round] / questions.without[round]);
    std::printf("%-10s without %7.1f ns, with %7.1f ns a query, ratio %.3f\n", questions.name,
                median(questions.without), median(questions.with), median(std::move(ratios)));
  }
}

int usage() {
  std::fprintf(stderr, "choice_cost ratio [NAMES] | count unmanaged|managed|choice with|without [NAMES]\n");
  return 2;
}

}  // namespace

// callgrind finds this function by its name.
extern "C" [[gnu::noinline]] std::size_t count_me(void* bench, const void* asked) {
  return static_cast<Bench*>(bench)->ask(*static_cast<const Asked*>(asked));
}

int main(int count, char** words) {
  const std::string_view mode = count > 1 ? words[1] : "";
  const auto names = [&](int at, std::size_t otherwise) {
    return std::max<std::size_t>(count > at ? std::strtoull(words[at], nullptr, 10) : otherwise, 10 * kManaged);
  };
  if (mode == "ratio") {
    Bench bench(names(2, 1000000));
    print_ratios(bench);
    return 0;
  }
  if (mode != "count" || count < 4) return usage();
  Bench bench(names(4, 100000));
  const auto questions = std::ranges::find(bench.questions(), std::string_view(words[2]),
                                           [](const Questions& one) { return std::string_view(one.name); });
  if (questions == bench.questions().end()) return usage();
  const Asked asked{&*questions, std::string_view(words[3]) == "with" ? &bench.with() : &bench.without()};
  bench.ask(asked);  // warms up
  std::printf("%zu queries, %zu octets\n", kQuestions, count_me(&bench, &asked));
  return 0;
}
