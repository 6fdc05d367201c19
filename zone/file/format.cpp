#include "zone/file/format.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "zone/base/ascii.h"
#include "zone/field/text.h"
#include "zone/field/ttl.h"
#include "zone/text/scan.h"
#include "zone/text/tokenize.h"

namespace dns {
namespace {

constexpr std::size_t kOwnerWidthMax = 40;     // a longer owner shifts only its own row
constexpr std::size_t kCommentColumnMax = 72;  // a longer row shifts only its own comment
constexpr std::size_t kJoinedMax = 72;         // data in parentheses without comments becomes one line up to this size
constexpr std::size_t kSoaFields = 7;
constexpr std::size_t kSoaNames = 2;  // the fields of SOA that stay on its first line
constexpr std::string_view kGap = "  ";

// One line of an entry's data: the words as written and the comment behind them.
struct DataLine {
  std::vector<std::string_view> words;
  std::string_view comment;
};

struct Row {
  enum class Kind : std::uint8_t { kBlank, kComment, kDirective, kRecord } kind = Kind::kBlank;
  std::string_view owner;        // empty: the previous owner
  std::string ttl, klass, type;  // in a directive, `type` is its name
  std::vector<DataLine> data;    // of a comment: one line without words
  bool indented = false;         // for a comment line
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(fold(static_cast<std::uint8_t>(c)));
  return out;
}

std::string_view without_trailing_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t word_count(const Row& row) {
  std::size_t count = 0;
  for (const DataLine& line : row.data) count += line.words.size();
  return count;
}

// The lines of the entry between `begin` and `end`, without parentheses and without empty lines.
std::vector<DataLine> lines_of(std::string_view text, std::uint64_t begin, std::uint64_t end) {
  using Kind = Lexeme::Kind;
  std::vector<DataLine> lines;
  DataLine line;
  const auto close = [&] {
    if (!line.words.empty() || !line.comment.empty()) lines.push_back(std::exchange(line, {}));
  };
  for (std::uint64_t at = begin; at < end;) {
    const Lexeme lexeme = scan(text.substr(0, end), at);
    if (lexeme.kind == Kind::kWord || lexeme.kind == Kind::kQuoted)
      line.words.push_back(text.substr(lexeme.offset, at - lexeme.offset));
    if (lexeme.kind == Kind::kComment) line.comment = without_trailing_blanks(lexeme.text);
    if (lexeme.kind == Kind::kLineEnd) close();
  }
  close();
  return lines;
}

// Removes the next word from the data. Lines before it stay, because of their comments.
std::string_view* first_word(std::vector<DataLine>& data) {
  for (DataLine& line : data)
    if (!line.words.empty()) return &line.words.front();
  return nullptr;
}

std::string_view take_word(std::vector<DataLine>& data) {
  for (auto line = data.begin(); line != data.end(); ++line) {
    if (line->words.empty()) continue;
    const std::string_view word = line->words.front();
    line->words.erase(line->words.begin());
    if (line->words.empty() && line->comment.empty()) data.erase(line);
    return word;
  }
  return {};
}

// Moves TTL, class and type from the data to their columns. Changes nothing if the data does not begin with them.
void take_columns(Row& row) {
  Row taken = row;
  for (std::string_view* word = first_word(taken.data); word != nullptr; word = first_word(taken.data)) {
    if (taken.ttl.empty() && is_digit((*word)[0]) && parse_ttl(*word)) {
      taken.ttl = lower(take_word(taken.data));
    } else if (const std::optional<Class> klass = parse_class(*word);
               taken.klass.empty() && klass && *klass != Class::ANY) {
      taken.klass = upper(take_word(taken.data));
    } else {
      if (!parse_type(*word)) return;
      taken.type = upper(take_word(taken.data));
      row = std::move(taken);
      return;
    }
  }
}

Row row_of(std::string_view text, std::uint64_t begin, const Entry& entry) {
  Row row;
  row.data = lines_of(text, begin, entry.end);
  if (row.data.empty()) return row;
  const bool written = entry.owner == Entry::Owner::kWritten;
  row.indented = !written;
  if (entry.tokens.empty()) {
    row.kind = Row::Kind::kComment;
    return row;
  }
  const Token& first = entry.tokens.front();
  if (written && first.kind == Token::Kind::kPlain && first.text.starts_with('$')) {
    row.kind = Row::Kind::kDirective;
    row.type = upper(take_word(row.data));
    if (std::string_view* word = first_word(row.data); word != nullptr && row.type == "$TTL" && parse_ttl(*word))
      row.ttl = lower(take_word(row.data));
    return row;
  }
  row.kind = Row::Kind::kRecord;
  if (written) row.owner = take_word(row.data);
  take_columns(row);
  return row;
}

// Joins short data without inner comments to one line. Other data keeps its lines, and so does an SOA.
void join_lines(Row& row) {
  if (row.type == "SOA") return;
  std::size_t size = 0;
  for (std::size_t i = 0; i < row.data.size(); ++i) {
    if (i + 1 < row.data.size() && !row.data[i].comment.empty()) return;
    for (const std::string_view word : row.data[i].words) size += word.size() + 1;
  }
  if (size > kJoinedMax || row.data.size() < 2) return;
  DataLine joined{.words = {}, .comment = row.data.back().comment};
  for (const DataLine& line : row.data) joined.words.insert(joined.words.end(), line.words.begin(), line.words.end());
  row.data = {std::move(joined)};
}

// An SOA on several lines gets one line for each number, with its comment. Does nothing if a comment has a line of its
// own, because it belongs to no field.
void spread_soa(Row& row) {
  const bool alone = std::ranges::any_of(row.data, [](const DataLine& line) { return line.words.empty(); });
  if (row.type != "SOA" || row.data.size() < 2 || alone || word_count(row) != kSoaFields) return;
  std::vector<DataLine> fields(1 + kSoaFields - kSoaNames);
  std::size_t index = 0;
  for (const DataLine& line : row.data) {
    for (const std::string_view word : line.words) {
      fields[index < kSoaNames ? 0 : index + 1 - kSoaNames].words.push_back(word);
      ++index;
    }
    if (line.comment.empty()) continue;
    std::string_view& comment = fields[index <= kSoaNames ? 0 : index - kSoaNames].comment;
    if (!comment.empty()) return;  // two lines of names, each with a comment
    comment = line.comment;
  }
  row.data = std::move(fields);
}

struct Columns {
  std::size_t owner = 0, ttl = 0, klass = 0, type = 0, comment = 0;
};

void pad(std::string& out, std::size_t line_begin, std::size_t column) {
  const std::size_t width = out.size() - line_begin;
  if (width < column) out.append(column - width, ' ');
}

// Writes the columns before the data.
void append_head(std::string& out, const Row& row, const Columns& columns) {
  const std::size_t begin = out.size();
  if (row.kind == Row::Kind::kDirective) {
    out += row.type;
    if (!row.ttl.empty()) (out += ' ') += row.ttl;
    if (word_count(row) > 0) out += ' ';
    return;
  }
  out += row.owner;
  std::size_t column = columns.owner;
  const auto field = [&](std::string_view text, std::size_t width) {
    if (width == 0) return;
    pad(out, begin, column);
    out += kGap;
    out += text;
    column += kGap.size() + width;
  };
  if (row.type.empty()) {  // unknown syntax: the words as written
    pad(out, begin, column);
    out += kGap;
    return;
  }
  field(row.ttl, columns.ttl);
  field(row.klass, columns.klass);
  field(row.type, columns.type);
  if (word_count(row) == 0) return;
  pad(out, begin, column);
  out += kGap;
}

void append_words(std::string& out, const DataLine& line) {
  std::string_view separator = "";
  for (const std::string_view word : line.words) {
    out += separator;
    out += word;
    separator = " ";
  }
}

std::string single_line(const Row& row, const Columns& columns) {
  std::string out;
  append_head(out, row, columns);
  if (!row.data.empty()) append_words(out, row.data.front());
  return std::string(without_trailing_blanks(out));
}

void append_several_lines(std::string& out, const Row& row, const Columns& columns) {
  std::string head;
  append_head(head, row, columns);
  const std::size_t indent = head.size();
  std::size_t width = 0;  // of the lines below the first: aligns their comments
  for (std::size_t i = 1; i < row.data.size(); ++i) {
    std::string words;
    append_words(words, row.data[i]);
    if (words.size() <= kCommentColumnMax) width = std::max(width, words.size() + (i + 1 == row.data.size() ? 2 : 0));
  }
  for (std::size_t i = 0; i < row.data.size(); ++i) {
    const std::size_t begin = out.size();
    if (i == 0) out += head;
    else out.append(indent, ' ');
    append_words(out, row.data[i]);
    if (i == 0) out += out.ends_with(' ') ? "(" : " (";
    if (i + 1 == row.data.size()) out += out.ends_with(' ') ? ")" : " )";
    if (!row.data[i].comment.empty()) {
      const bool alone = i > 0 && i + 1 < row.data.size() && row.data[i].words.empty();
      if (i > 0 && !alone) pad(out, begin, indent + width);
      if (!alone) out += kGap;
      out += row.data[i].comment;
    }
    out.resize(begin + without_trailing_blanks(std::string_view(out).substr(begin)).size());
    out += '\n';
  }
}

Columns columns_of(std::span<const Row> run) {
  Columns columns;
  for (const Row& row : run) {
    if (row.kind != Row::Kind::kRecord || row.type.empty()) continue;
    if (row.owner.size() <= kOwnerWidthMax) columns.owner = std::max(columns.owner, row.owner.size());
    columns.ttl = std::max(columns.ttl, row.ttl.size());
    columns.klass = std::max(columns.klass, row.klass.size());
    columns.type = std::max(columns.type, row.type.size());
  }
  for (const Row& row : run) {
    if (row.kind != Row::Kind::kRecord || row.data.size() != 1 || row.data[0].comment.empty()) continue;
    const std::size_t size = single_line(row, columns).size();
    if (size <= kCommentColumnMax) columns.comment = std::max(columns.comment, size);
  }
  return columns;
}

void append_row(std::string& out, const Row& row, const Columns& columns) {
  if (row.kind == Row::Kind::kComment) {
    if (row.indented) out.append(columns.owner + kGap.size(), ' ');
    (out += row.data.front().comment) += '\n';
    return;
  }
  if (row.data.size() > 1) return append_several_lines(out, row, columns);
  const std::size_t begin = out.size();
  out += single_line(row, columns);
  if (!row.data.empty() && !row.data.front().comment.empty()) {
    if (row.kind == Row::Kind::kRecord) pad(out, begin, columns.comment);
    (out += kGap) += row.data.front().comment;
  }
  out += '\n';
}

// The rows of the whole text. On errors, reports them and returns nothing.
std::optional<std::vector<Row>> rows_of(std::string_view text, std::uint32_t source, Diagnostics& diagnostics) {
  std::vector<Row> rows;
  bool whole = true;
  Entry entry;
  for (std::uint64_t at = first_octet(text); at < text.size(); at = entry.end) {
    tokenize_entry(text, at, entry);
    if (entry.error) {
      diagnostics.add({.code = find_code(entry.error->code),
                       .at = {source, entry.error->offset},
                       .length = entry.error->length,
                       .message = {},
                       .help = {}});
      whole = false;
      if (entry.closed == Entry::Closed::kUnclosed) break;
      continue;
    }
    Row row = row_of(text, at, entry);
    const bool repeated_blank =
        row.kind == Row::Kind::kBlank && (rows.empty() || rows.back().kind == Row::Kind::kBlank);
    if (repeated_blank) continue;
    spread_soa(row);
    join_lines(row);
    rows.push_back(std::move(row));
  }
  if (!rows.empty() && rows.back().kind == Row::Kind::kBlank) rows.pop_back();
  return whole ? std::optional(std::move(rows)) : std::nullopt;
}

}  // namespace

std::optional<std::string> format_zone(const Sources& sources, std::uint32_t source, Diagnostics& diagnostics) {
  const std::optional<std::vector<Row>> rows = rows_of(sources.text(source), source, diagnostics);
  if (!rows) return std::nullopt;
  std::string out;
  const auto ends_run = [](const Row& row) {
    return row.kind == Row::Kind::kBlank || row.kind == Row::Kind::kDirective;
  };
  for (auto begin = rows->begin(); begin != rows->end();) {
    if (begin->kind == Row::Kind::kBlank) {
      out += '\n';
      ++begin;
      continue;
    }
    const auto end = ends_run(*begin) ? begin + 1 : std::find_if(begin, rows->end(), ends_run);
    const Columns columns = columns_of({begin, end});
    for (; begin != end; ++begin) append_row(out, *begin, columns);
  }
  // An owner that begins with the octets of a byte order mark must not move to the beginning of the file.
  if (out.starts_with(kByteOrderMark)) out.insert(0, 1, '\n');
  return out;
}

}  // namespace dns
