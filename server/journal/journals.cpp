#include "server/journal/journals.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/journal/content_hash.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::string_view kJournalSuffix = ".journal";
constexpr std::string_view kDamagedSuffix = ".damaged";
constexpr std::string_view kViews = "views";
constexpr std::string_view kViewsMagic = "waymark views 1\n";

// The first line is kViewsMagic, then follow "view NAME", "client PREFIX" and "local PREFIX"; the last line has the
// hash.
std::string views_text(const dns::ViewTable& table) {
  std::string text(kViewsMagic);
  for (const dns::View& view : table.views()) {
    text += "view " + view.name + "\n";
    for (const dns::Prefix& prefix : view.clients) text += "client " + dns::to_text(prefix) + "\n";
    for (const dns::Prefix& prefix : view.local) text += "local " + dns::to_text(prefix) + "\n";
  }
  return text + "mark " + std::to_string(content_hash(text)) + "\n";
}

std::shared_ptr<const dns::ViewTable> parse_views(std::string_view text) {
  std::vector<dns::View> views;
  if (!text.starts_with(kViewsMagic)) return nullptr;
  for (std::size_t at = kViewsMagic.size(), end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1) {
    const std::string_view line = text.substr(at, end - at),
                           value = line.substr(std::min(line.size(), line.find(' ') + 1));
    if (line.starts_with("mark "))
      return line == "mark " + std::to_string(content_hash(text.substr(0, at)))
                 ? std::make_shared<const dns::ViewTable>(std::move(views))
                 : nullptr;
    if (line.starts_with("view ")) {
      views.push_back({std::string(value), {}, {}});
      continue;
    }
    const auto prefix = dns::parse_prefix(value);
    if (!prefix || views.empty() || views.size() > dns::kMaxViews) return nullptr;
    (line.starts_with("client ") ? views.back().clients : views.back().local).push_back(*prefix);
  }
  return nullptr;
}

}  // namespace

std::uint64_t views_hash(const dns::ViewTable* views) {
  return views == nullptr ? 0 : content_hash(views_text(*views));
}

DiskResult<std::unique_ptr<Journals>> Journals::open(std::unique_ptr<Disk> disk) {
  std::unique_ptr<Journals> journals(new Journals(std::move(disk)));
  auto done = journals->disk_->lock();
  if (done) done = journals->read_all();
  if (!done) return dns::Failure<std::string>(done.error());
  return journals;
}

DiskResult<void> Journals::read_all() {
  boot_id_ = disk_->boot_id();
  // Whether it can be written is better known now than at the first failover.
  if (const auto probe = disk_->create(temporary_name(std::string(kViews))); !probe)
    faults_.push_back("it cannot be written to: " + probe.error());
  const auto names = disk_->list();
  if (!names) return dns::Failure<std::string>(names.error());
  for (const std::string& name : *names) {
    if (name.ends_with(kJournalSuffix)) read_one(name);
    if (name == kViews) read_views();
  }
  if (const auto done = disk_->sync_directory(); !done) faults_.push_back("it cannot be synced: " + done.error());
  return {};
}

void Journals::read_one(const std::string& name) {
  const auto octets = disk_->read(name);
  if (!octets) return move_aside(name, octets.error());
  auto journal = ZoneJournal::recover(context(), name, *octets);
  if (!journal) {
    move_aside(name, journal.error());
    if (const auto apex = apex_of_journal(name)) damaged_[*apex].latest = latest_serial(*octets, *apex);
    return;
  }
  const dns::Name apex = (*journal)->state().apex;
  if ((*journal)->damaged())
    faults_.push_back(
        fmt::format("the journal of {} is damaged: its last steps are lost; the serial goes on behind all "
                    "that were reserved",
                    dns::to_text(apex)));
  journals_[apex] = std::move(*journal);
}

void Journals::move_aside(const std::string& name, const std::string& why) {
  const auto apex = apex_of_journal(name);
  if (!apex) return faults_.push_back(name + " is ignored: " + why);
  damaged_[*apex] = {};
  const std::string aside = name + std::string(kDamagedSuffix);
  const auto moved = disk_->rename(name, aside);
  faults_.push_back(
      fmt::format("the journal of {} cannot be used: {}; {}; the zone continues from its file, with a "
                  "serial that is later by {}",
                  dns::to_text(*apex), why, moved ? "it is now " + aside : moved.error(), kLostSerials));
}

// Without them, the client choices that refer to them are left out until the next failover decision.
void Journals::read_views() {
  const auto octets = disk_->read(std::string(kViews));
  if (octets) views_ = parse_views(dns::as_text(*octets));
  if (views_ == nullptr && (!octets || dns::as_text(*octets) != kViewsMagic))
    faults_.push_back(std::string(kViews) + ": " + (octets ? "not a table of views, or damaged" : octets.error()));
}

const Journals::Damaged* Journals::damaged(const dns::Name& apex) const {
  const auto at = damaged_.find(apex);
  return at == damaged_.end() ? nullptr : &at->second;
}

ZoneJournal* Journals::find(const dns::Name& apex) {
  const auto at = journals_.find(apex);
  return at == journals_.end() ? nullptr : at->second.get();
}

ZoneJournal* Journals::create(JournalState state) {
  const dns::Name apex = state.apex;
  return (journals_[apex] = ZoneJournal::create(context(), std::move(state))).get();
}

bool Journals::save_views(std::shared_ptr<const dns::ViewTable> views) {
  if (views == views_ || views_hash(views.get()) == views_hash(views_.get())) {
    views_ = std::move(views);
    return true;
  }
  const std::string text = views == nullptr ? std::string(kViewsMagic) : views_text(*views);
  const auto done = replace_file(*disk_, std::string(kViews), dns::as_bytes(text));
  error_ = done ? std::string() : std::string(kViews) + ": " + done.error();
  if (done) views_ = std::move(views);
  return done.has_value();
}

std::vector<std::string> Journals::maintain() {
  std::vector<std::string> errors;
  if (!error_.empty()) errors.push_back(error_);
  if (!disk_->is_in_place())
    errors.push_back("another program deleted or replaced it; serials are not saved any more: restart the server");
  for (const auto& [apex, journal] : journals_) {
    journal->maintain();
    if (!journal->error().empty()) errors.push_back(dns::to_text(apex) + ": " + journal->error());
  }
  return errors;
}

void Journals::close() {
  for (const auto& [apex, journal] : journals_) journal->close();
  syncer_.wait_until_idle();
}

}  // namespace server
