#include "zone/diagnostic/diagnostic.h"

#include <algorithm>
#include <utility>

#include "zone/diagnostic/codes.h"
#include "zone/diagnostic/field_codes.h"

namespace dns {
namespace {

std::vector<CodeRow> joined_codes() {
  std::vector<CodeRow> all;
  for (const std::span<const CodeRow> table : {entry_codes(), std::span<const CodeRow>(kFieldCodes), zone_codes()})
    all.insert(all.end(), table.begin(), table.end());
  std::ranges::sort(all, {}, &CodeRow::code);
  return all;
}

}  // namespace

std::span<const CodeRow> codes() {
  static const std::vector<CodeRow> all = joined_codes();
  return all;
}

const CodeRow* find_code(std::string_view code) {
  const std::span<const CodeRow> all = codes();
  const auto found = std::ranges::lower_bound(all, code, {}, &CodeRow::code);
  return found != all.end() && found->code == code ? &*found : nullptr;
}

// In a full list, an error replaces the last diagnostic that is not an error. Otherwise a hundred warnings could hide
// the reason why a zone was rejected.
void Diagnostics::add(Diagnostic diagnostic) {
  const Severity severity = diagnostic.code->severity;
  if (severity == Severity::kError) ++errors_;
  if (severity == Severity::kError && diagnostic.code->serves == CodeRow::Serves::kNothing) ++refusals_;
  if (severity == Severity::kWarning) ++warnings_;
  if (full()) {
    if (severity != Severity::kError) return;
    const auto last = std::find_if(kept_.rbegin(), kept_.rend(),
                                   [](const Diagnostic& kept) { return kept.code->severity != Severity::kError; });
    if (last == kept_.rend()) return;
    kept_.erase(std::next(last).base());
  }
  kept_.push_back(std::move(diagnostic));
}

// This list has the same limit, so it would not have kept the diagnostics that `later` dropped.
void Diagnostics::append(Diagnostics later) {
  const std::size_t errors = errors_ + later.errors_, refusals = refusals_ + later.refusals_;
  const std::size_t warnings = warnings_ + later.warnings_;
  for (Diagnostic& diagnostic : later.kept_) add(std::move(diagnostic));
  errors_ = errors;
  refusals_ = refusals;
  warnings_ = warnings;
}

void Diagnostics::shift(std::uint64_t offset) {
  for (Diagnostic& diagnostic : kept_) diagnostic.at.offset += offset;
}

}  // namespace dns
