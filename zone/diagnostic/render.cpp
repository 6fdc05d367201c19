// Diagnostics as text. Files cannot send control sequences to the terminal: printable.h.
#include <algorithm>

#include "zone/diagnostic/diagnostic.h"

namespace dns {
namespace {

constexpr std::size_t kTabWidth = 4;
constexpr std::size_t kShownWidth = 110;  // columns of a source line; longer ones are clipped around the caret

struct Style {
  std::string_view error, warning, note, frame, bold, reset;
};
constexpr Style kPlain{};
constexpr Style kColoured{"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"};

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return {};
}

std::string_view colour(const Style& style, Severity severity) {
  switch (severity) {
    case Severity::kError: return style.error;
    case Severity::kWarning: return style.warning;
    case Severity::kNote: return style.note;
  }
  return {};
}

// A source line as printed, and the columns that the caret marks.
struct Shown {
  std::string line;
  std::size_t caret_begin = 0, caret_end = 0;
};

Shown show(std::string_view line, std::size_t column, std::size_t length, Charset charset) {
  const std::size_t begin = std::min(column - 1, line.size()), end = std::min(begin + length, line.size());
  // Does not scan a line of many megabytes for its ends.
  const std::size_t from = begin > kShownWidth ? begin - kShownWidth / 2 : 0;
  Shown shown;
  if (from > 0) shown.line = "...";
  std::size_t width = shown.line.size();
  std::string_view left = line.substr(from);
  const auto at = [&] { return line.size() - left.size(); };
  while (!left.empty() && width < kShownWidth) {
    if (at() <= begin) shown.caret_begin = width;
    if (at() <= end) shown.caret_end = width;
    if (left[0] == '\t') {
      const std::size_t blanks = kTabWidth - width % kTabWidth;
      shown.line.append(blanks, ' ');
      width += blanks;
      left.remove_prefix(1);
    } else {
      width += append_character(shown.line, left, charset);
    }
  }
  if (begin >= at()) shown.caret_begin = width;
  if (end >= at()) shown.caret_end = width;
  shown.caret_end = std::max(shown.caret_end, shown.caret_begin + 1);
  if (!left.empty()) shown.line += "...";
  return shown;
}

// The places that included the file of `place`, innermost first.
template <class Visit>
void for_each_include(const Sources& sources, Place place, Visit&& visit) {
  for (std::optional<Place> at = sources.included_at(place.source); at; at = sources.included_at(at->source))
    visit(*at);
}

std::string render_long(const Diagnostic& diagnostic, const Sources& sources, const Style& style, Charset charset) {
  const Position position = sources.position(diagnostic.at);
  const std::string number = std::to_string(position.line), margin(number.size(), ' ');
  const std::string_view tint = colour(style, diagnostic.code->severity);
  std::string out;
  const auto add = [&out](const auto&... parts) { ((out += parts), ...); };
  const auto safe = [charset](std::string_view text) { return printable(text, charset); };

  add(tint, word(diagnostic.code->severity), "[", diagnostic.code->code, "]", style.reset, style.bold, ": ",
      diagnostic.code->title, style.reset, "\n");
  add(margin, style.frame, "--> ", style.reset, safe(position.path), ":", number, ":", std::to_string(position.column),
      "\n");
  for_each_include(sources, diagnostic.at, [&](Place place) {
    const Position from = sources.position(place);
    add(margin, style.frame, "  | ", style.reset, "included from ", safe(from.path), ":", std::to_string(from.line),
        "\n");
  });
  const Shown shown = show(position.line_text, position.column, diagnostic.length, charset);
  add(margin, style.frame, " |", style.reset, "\n");
  add(style.frame, number, " |", style.reset, shown.line.empty() ? "" : " ", shown.line, "\n");
  add(margin, style.frame, " |", style.reset, " ", std::string(shown.caret_begin, ' '), tint,
      std::string(shown.caret_end - shown.caret_begin, '^'), diagnostic.message.empty() ? "" : " ",
      safe(diagnostic.message), style.reset, "\n");
  if (!diagnostic.help.empty())
    add(margin, style.frame, " = ", style.reset, style.bold, "help: ", style.reset, safe(diagnostic.help), "\n");
  add(margin, style.frame, " = ", style.reset, style.bold, "help: ", style.reset,
      "for more information, run `waymark explain ", diagnostic.code->code, "`\n");
  return out;
}

std::string render_short(const Diagnostic& diagnostic, const Sources& sources, const Style& style, Charset charset) {
  const Position position = sources.position(diagnostic.at);
  std::string out;
  const auto add = [&out](const auto&... parts) { ((out += parts), ...); };
  const auto safe = [charset](std::string_view text) { return printable(text, charset); };
  add(safe(position.path), ":", std::to_string(position.line), ":", std::to_string(position.column), ": ",
      colour(style, diagnostic.code->severity), word(diagnostic.code->severity), style.reset, ": ",
      diagnostic.code->title);
  if (!diagnostic.message.empty()) add(": ", safe(diagnostic.message));
  if (!diagnostic.help.empty()) add(" (", safe(diagnostic.help), ")");
  add(" [", diagnostic.code->code, "]\n");
  return out;
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string render_json(const Diagnostic& diagnostic, const Sources& sources) {
  const Position position = sources.position(diagnostic.at);
  std::string out;
  const auto add = [&out](const auto&... parts) { ((out += parts), ...); };
  add("{\"code\":", json_string(diagnostic.code->code), ",\"severity\":", json_string(word(diagnostic.code->severity)),
      ",\"title\":", json_string(diagnostic.code->title), ",\"file\":", json_string(position.path),
      ",\"line\":", std::to_string(position.line), ",\"column\":", std::to_string(position.column),
      ",\"length\":", std::to_string(diagnostic.length), ",\"message\":", json_string(diagnostic.message),
      ",\"help\":", json_string(diagnostic.help), ",\"included_from\":[");
  std::string_view comma = "";
  for_each_include(sources, diagnostic.at, [&](Place place) {
    const Position from = sources.position(place);
    add(comma, "{\"file\":", json_string(from.path), ",\"line\":", std::to_string(from.line), "}");
    comma = ",";
  });
  return out + "]}\n";
}

}  // namespace

std::string render(const Diagnostic& diagnostic, const Sources& sources, const RenderOptions& options) {
  const Style& style = options.colour == RenderOptions::Colour::kOn ? kColoured : kPlain;
  switch (options.format) {
    case DiagnosticFormat::kLong: return render_long(diagnostic, sources, style, options.charset);
    case DiagnosticFormat::kShort: return render_short(diagnostic, sources, style, options.charset);
    case DiagnosticFormat::kJson: return render_json(diagnostic, sources);
  }
  return {};
}

}  // namespace dns
