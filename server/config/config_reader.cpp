#include "server/config/config_reader.h"

#include <algorithm>
#include <type_traits>

#include "server/config/value_reader.h"
#include "server/config/values.h"
#include "zone/name/text.h"

namespace server {
namespace {

using Error = ConfigError;

class ConfigReader {
 public:
  ConfigReader(std::string_view text, std::string directory, ConfigErrors& errors)
      : errors_(errors), values_(errors, text, std::move(directory)) {}

  ConfigDraft read(std::string_view text) {
    try {
      root(toml::parse(text));
    } catch (const toml::parse_error& error) {
      errors_.add(Error::kSyntax, values_.span(error.source()), std::string(error.description()));
    }
    return std::move(draft_);
  }

 private:
  struct SectionReader {
    std::string_view name;
    void (*read)(ConfigReader& reading, std::string_view name, const toml::node& node);
  };

  static std::span<const SectionReader> readers() {
    static constexpr SectionReader kReaders[] = {
        {"server",
         [](ConfigReader& r, std::string_view name, const toml::node& node) {
           r.draft_.server = r.one(server_keys(), name, node, r.draft_.options);
         }},
        {"tcp", [](ConfigReader& r, std::string_view name,
                   const toml::node& node) { r.one(tcp_keys(), name, node, r.draft_.options); }},
        {"log", [](ConfigReader& r, std::string_view name,
                   const toml::node& node) { r.one(log_keys(), name, node, r.draft_.options); }},
        {"zone", [](ConfigReader& r, std::string_view name,
                    const toml::node& node) { r.list(zone_keys(), name, node, r.draft_.zones.zones); }},
        {"template", [](ConfigReader& r, std::string_view name,
                        const toml::node& node) { r.named(template_keys(), name, node, r.draft_.zones.templates); }},
        {"acl", [](ConfigReader& r, std::string_view name,
                   const toml::node& node) { r.named(acl_keys(), name, node, r.draft_.zones.acls); }},
        {"key", [](ConfigReader& r, std::string_view name,
                   const toml::node& node) { r.named(key_keys(), name, node, r.draft_.zones.keys); }},
        {"remote", [](ConfigReader& r, std::string_view name,
                      const toml::node& node) { r.named(remote_keys(), name, node, r.draft_.zones.remotes); }},
        {"steering", [](ConfigReader& r, std::string_view name,
                        const toml::node& node) { r.one(steering_keys(), name, node, r.draft_.steering); }},
        {"vrrp", [](ConfigReader& r, std::string_view name,
                    const toml::node& node) { r.named(vrrp_keys(), name, node, r.draft_.steering.virtual_routers); }},
        {"monitor", [](ConfigReader& r, std::string_view name,
                       const toml::node& node) { r.named(monitor_keys(), name, node, r.draft_.steering.monitors); }},
        {"link", [](ConfigReader& r, std::string_view name,
                    const toml::node& node) { r.named(link_keys(), name, node, r.draft_.steering.links); }},
        {"sla", [](ConfigReader& r, std::string_view name,
                   const toml::node& node) { r.named(sla_keys(), name, node, r.draft_.steering.sla_classes); }},
        {"view", [](ConfigReader& r, std::string_view name,
                    const toml::node& node) { r.named(view_keys(), name, node, r.draft_.steering.views); }},
        {"record", [](ConfigReader& r, std::string_view name,
                      const toml::node& node) { r.list(record_keys(), name, node, r.draft_.steering.records); }},
    };
    return kReaders;
  }

  void root(const toml::table& table) {
    for (const auto& [key, node] : table) {
      const auto reader = std::ranges::find(readers(), key.str(), &SectionReader::name);
      if (reader != readers().end()) reader->read(*this, reader->name, node);
      else unknown_section(key);
    }
  }

  void unknown_section(const toml::key& key) {
    std::vector<std::string_view> names;
    for (const SectionReader& reader : readers()) names.push_back(reader.name);
    errors_.add(Error::kUnknownSection, values_.span(key.source()), "unknown section '" + std::string(key.str()) + "'",
                did_you_mean(key.str(), names));
  }

  // [tcp]
  template <class Target>
  SectionSource one(std::span<const KeyRow<Target>> rows, std::string_view name, const toml::node& node,
                    Target& target) {
    const std::string title = "[" + std::string(name) + "]";
    SectionSource section{.at = values_.span(node.source()), .keys = {}};
    if (node.is_table()) keys(rows, title, *node.as_table(), target, section, "");
    else wrong_form(node, "write " + std::string(name) + " as a section: " + title);
    return section;
  }

  // [link.isp-a], in the order of the file, because the parser sorts by name.
  template <class Draft>
  void named(std::span<const KeyRow<Draft>> rows, std::string_view name, const toml::node& node,
             std::vector<Draft>& drafts) {
    if (!node.is_table())
      return wrong_form(node,
                        "write " + std::string(name) + " as sections with a name: [" + std::string(name) + ".NAME]");
    for (const auto& [key, section] : *node.as_table()) {
      const std::string title = "[" + std::string(name) + "." + std::string(key.str()) + "]";
      if (!section.is_table()) {
        errors_.add(Error::kWrongType, values_.span(key.source()),
                    "write " + std::string(name) + " as sections with a name: [" + std::string(name) + ".NAME]");
        continue;
      }
      Draft draft;
      draft.options.name = key.str();
      draft.section.at = values_.span(key.source());
      check_name(draft);
      keys(rows, title, *section.as_table(), draft, draft.section, "");
      required(rows, title, *section.as_table(), draft.section);
      drafts.push_back(std::move(draft));
    }
    std::ranges::stable_sort(drafts, {}, [](const Draft& draft) { return draft.section.at.offset; });
  }

  template <class Draft>
  void check_name(Draft& draft) {
    if (!is_object_name(draft.options.name))
      errors_.add(Error::kBadObjectName, draft.section.at, "invalid name '" + draft.options.name + "'",
                  "use 1 to 63 letters, digits, '-', '_' and '.'");
  }
  // The name of a key is a domain name.
  void check_name(KeyDraft& draft) {
    const auto name = dns::parse_name(draft.options.name);
    if (!name) return errors_.add(Error::kBadName, draft.section.at, std::string(dns::describe(name.error().error)));
    draft.name = *name;
    if (draft.name.view().is_root() || draft.name.size() > dns::kMaxTsigKeyName)
      errors_.add(Error::kBadName, draft.section.at, "the name of a key has 1 to 125 characters");
  }

  // [[record]], members
  template <class Draft>
  void list(std::span<const KeyRow<Draft>> rows, std::string_view name, const toml::node& node,
            std::vector<Draft>& drafts) {
    const bool within = std::is_same_v<Draft, MemberDraft>;
    const std::string title = within ? "the member" : "[[" + std::string(name) + "]]";
    const std::string form = within ? "write members as tables: [{ name = \"a\", address = \"192.0.2.1\" }]"
                                    : "write each " + std::string(name) + " as a section: " + title;
    if (!node.is_array()) return wrong_form(node, form);
    for (const toml::node& element : *node.as_array()) {
      if (!element.is_table()) {
        wrong_form(element, form);
        continue;
      }
      Draft draft;
      draft.section.at = values_.span(element.source());
      keys(rows, title, *element.as_table(), draft, draft.section, "");
      required(rows, title, *element.as_table(), draft.section);
      drafts.push_back(std::move(draft));
    }
  }

  // Reads the keys of a table and of its subtables: `prefix` is "ttl." for the subtable `ttl`.
  template <class Target>
  void keys(std::span<const KeyRow<Target>> rows, const std::string& title, const toml::table& table, Target& target,
            SectionSource& section, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string full = prefix + std::string(key.str());
      const auto row = std::ranges::find(rows, full, &KeyRow<Target>::key);
      const bool is_table =
          std::ranges::any_of(rows, [&](const KeyRow<Target>& r) { return r.key.starts_with(full + "."); });
      if (row != rows.end()) {
        value(*row, key, node, target, section);
      } else if (is_table && node.is_table()) {
        keys(rows, title, *node.as_table(), target, section, full + ".");
      } else {
        section.has_errors = true;
        if (is_table)
          errors_.add(Error::kWrongType, values_.span(node.source()),
                      full + " must be a table: " + example(rows, full));
        else unknown_key(rows, title, key, prefix, node.is_table());
      }
    }
  }

  template <class Target>
  void value(const KeyRow<Target>& row, const toml::key& key, const toml::node& node, Target& target,
             SectionSource& section) {
    if (row.kind == ValueKind::kTables) {
      if constexpr (std::is_same_v<Target, RecordDraft>) list(member_keys(), row.key, node, target.members);
      section.keys.push_back({row.key, values_.span(key.source()), values_.span(node.source())});
    } else if (auto read = values_.read(row, node)) {
      section.keys.push_back({row.key, values_.span(key.source()), values_.span(node.source())});
      row.set(target, std::move(*read));
    } else {
      section.has_errors = true;
    }
  }

  // { max = ..., min = ... }
  template <class Target>
  static std::string example(std::span<const KeyRow<Target>> rows, const std::string& table) {
    std::string text;
    for (const KeyRow<Target>& row : rows)
      if (row.key.starts_with(table + "."))
        text.append(text.empty() ? "{ " : ", ").append(row.key.substr(table.size() + 1)).append(" = ...");
    return text + " }";
  }

  template <class Target>
  void unknown_key(std::span<const KeyRow<Target>> rows, const std::string& title, const toml::key& key,
                   const std::string& prefix, bool is_table) {
    std::vector<std::string_view> here;
    for (const KeyRow<Target>& row : rows)
      if (row.key.starts_with(prefix))
        here.push_back(row.key.substr(prefix.size(), row.key.find('.', prefix.size()) - prefix.size()));
    std::string help = did_you_mean(key.str(), here);
    if (std::is_same_v<Target, KeyDraft> && is_table && help.empty())
      help = "write a name with dots in quotes: [key.\"a.example.com\"]";
    for (const Section& section : config_sections())
      for (const KeyText* row : section.keys)
        if (help.empty() && row->key == key.str()) help = "this key belongs in " + section_title(section);
    const std::string where = prefix.empty() ? title : prefix.substr(0, prefix.size() - 1) + " of " + title;
    errors_.add(Error::kUnknownKey, values_.span(key.source()), where + " has no key '" + std::string(key.str()) + "'",
                std::move(help));
  }

  // A key with an invalid value counts as present: its error was reported already.
  template <class Target>
  void required(std::span<const KeyRow<Target>> rows, const std::string& title, const toml::table& table,
                const SectionSource& section) {
    for (const KeyRow<Target>& row : rows)
      if (row.fallback == kRequired && !table.contains(row.key))
        errors_.add(Error::kMissingKey, section.at, title + " has no " + std::string(row.key),
                    std::string(row.key) + ": " + std::string(row.about));
  }

  void wrong_form(const toml::node& node, std::string message) {
    errors_.add(Error::kWrongType, values_.span(node.source()), std::move(message));
  }

  ConfigErrors& errors_;
  ValueReader values_;
  ConfigDraft draft_;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Replaces the rest of the line at `at` by asterisks; of a text with three quotes, all up to its end. Returns its end.
std::size_t mask_value(std::string& text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  const std::string_view opening = std::string_view(text).substr(at, 3);
  std::size_t end = text.find('\n', at);
  if (opening == "\"\"\"" || opening == "'''") end = text.find(std::string(opening), at + 3);
  end = std::min(end, text.size());
  for (; at < end; ++at)
    if (text[at] != '\n' && text[at] != '"' && text[at] != '\'') text[at] = '*';
  return end;
}

}  // namespace

std::string without_secrets(std::string text) {
  constexpr std::string_view kWord = "secret";
  for (std::size_t at = text.find(kWord); at != std::string::npos; at = text.find(kWord, at)) {
    at += kWord.size();
    std::size_t equals = at;
    while (equals < text.size() && (is_blank(text[equals]) || text[equals] == '"' || text[equals] == '\'')) ++equals;
    if (equals < text.size() && text[equals] == '=') at = mask_value(text, equals + 1);
  }
  return text;
}

ConfigDraft read_config(std::string_view text, std::string directory, ConfigErrors& errors) {
  return ConfigReader(text, std::move(directory), errors).read(text);
}

}  // namespace server
