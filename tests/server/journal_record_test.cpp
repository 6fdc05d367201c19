#include <doctest/doctest.h>

#include "server/journal/journal.h"
#include "server/journal/record.h"
#include "tests/support/memory_disk.h"
#include "zone/name/text.h"

namespace {

dns::Rrset address(std::uint8_t last) {
  dns::Rrset set(dns::Type::A, 30);
  set.add(std::vector<std::uint8_t>{203, 0, 113, last});
  return set;
}

const dns::Name kApex = *dns::parse_name("example.");
const dns::Name kOwner = *dns::parse_name("www.example.");

server::JournalStep step(std::uint32_t serial, std::uint8_t last) {
  server::JournalStep step;
  step.generation = serial;
  step.before = {serial - 1};
  step.serial = {serial};
  step.file_serial = {1};
  step.file_hash = 77;
  step.change = {kApex, {{kOwner, dns::Type::A, {}, address(1), address(last)}}};
  step.overridden = {std::make_shared<const server::OverriddenRrset>(
      server::OverriddenRrset{kOwner, dns::Type::A, {}, address(last), {}})};
  return step;
}

void append(server::Octets& octets, const server::Octets& record) {
  octets.insert(octets.end(), record.begin(), record.end());
}

// A state and three steps, with a reserve record between them.
server::Octets journal() {
  server::Octets octets = server::encode_header();
  append(octets, server::encode_state({kApex, 1, {1}, {1}, 77, 0, {257}, "boot 0", {}}));
  append(octets, server::encode_step(step(2, 2)));
  append(octets, server::encode_reserve({300}));
  append(octets, server::encode_step(step(3, 3)));
  server::JournalStep removal = step(4, 4);
  removal.overridden.clear();
  removal.restored = {{kOwner, dns::Type::A}};
  append(octets, server::encode_step(removal));
  return octets;
}

}  // namespace

TEST_CASE("journal records: reads back the written records") {
  const server::JournalContents contents = server::read_journal(journal());
  REQUIRE(contents.state);
  CHECK(contents.length == journal().size());
  CHECK(!contents.damaged);
  CHECK(contents.state->serial.value == 4);
  CHECK(contents.state->ceiling.value == 300);
  CHECK(contents.state->overridden.empty());
  REQUIRE(contents.steps.size() == 3);
  CHECK((contents.steps[1].change == step(3, 3).change));
  CHECK(contents.steps[1].file_hash == 77);
  CHECK(contents.steps[2].restored.size() == 1);
}

TEST_CASE("journal records: reads the complete records of a truncated journal") {
  const server::Octets whole = journal();
  std::uint32_t last = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const server::JournalContents contents = server::read_journal(dns::Bytes(whole).first(size));
    CHECK(contents.length <= size);
    const std::uint32_t serial = contents.state ? contents.state->serial.value : 0;
    CHECK(serial >= last);
    CHECK(contents.damaged == (size < server::kJournalHeader));
    last = serial;
  }
  CHECK(last == 4);
}

TEST_CASE("journal records: a changed octet ends the reading before its record") {
  const server::Octets whole = journal();
  for (std::size_t at = server::kJournalHeader; at < whole.size(); ++at) {
    server::Octets changed = whole;
    changed[at] ^= 0x10;
    const server::JournalContents contents = server::read_journal(changed);
    CHECK(contents.length <= at);
  }
}

TEST_CASE("journal names: escapes the octets of a zone name that are not safe in a file name") {
  const auto name = [](const char* text) { return server::journal_name(*dns::parse_name(text)); };
  CHECK(name("Example.COM.") == "example.com.journal");
  CHECK(name(".") == "%root.journal");
  CHECK(name("..\\/etc." + 2) == "%2fetc.journal");
  CHECK(name("a\\.b\\000c%_-.") == "a%2eb%00c%25_-.journal");
  const std::string label(63, '*');
  CHECK(name((label + "." + label + "." + label + ".").c_str()).size() < 255);
}
