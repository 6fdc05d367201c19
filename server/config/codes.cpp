#include "server/config/codes.h"

#include <array>

#include "server/config/config.h"

namespace server {
namespace {

constexpr auto kError = dns::Severity::kError;

// In the order of ConfigFault.
constexpr std::array<dns::CodeRow, 11> kCodes{{
    {"C101", kError, "not TOML",
     "The file does not follow TOML 1.0 (toml.io). What stands behind the first such fault is not read, so mend it first.\n"
     "Frequent causes: a text without quotes, a table named twice, a quote or bracket that is never closed."},
    {"C102", kError, "unknown key",
     "No such key exists in this section. It is an error and not a warning because a misspelt limit would otherwise be\n"
     "found missing on the day it is needed. The help line names the nearest key, where there is one."},
    {"C103", kError, "unknown section",
     "The sections are [server], [tcp], [log], and one [[zone]] for each zone that is named by itself."},
    {"C104", kError, "wrong type",
     "The key takes another type of value. Numbers stand without quotes, texts and durations within: workers = 4,\n"
     "user = \"waymark\", idle-timeout = \"10s\"."},
    {"C105", kError, "out of range", "The value lies outside of what the server can work with; the message says the bounds."},
    {"C106", kError, "not one of the words", "The key takes one of a few words; the message lists them."},
    {"C107", kError, "not an address",
     "An address is IPv4 or IPv6, with a port or without (53): 192.0.2.1, 192.0.2.1:5300, [2001:db8::1]:5300, or * for all\n"
     "addresses of both families. Names are not looked up."},
    {"C108", kError, "not a duration", "A duration is a whole number and its unit: \"500ms\", \"10s\", \"2m\"."},
    {"C109", kError, "not a zone name", "A zone's name is a domain name in presentation form (RFC 1035 5.1): \"example.com\", \".\" for the root."},
    {"C110", kError, "missing key", "Each [[zone]] has a name and a file."},
    {"C111", kError, "zone named twice", "Two [[zone]] sections name the same zone; names differ by more than case and a final dot."},
}};

}  // namespace

const dns::CodeRow& config_code(ConfigFault fault) { return kCodes[static_cast<std::size_t>(fault)]; }

std::span<const dns::CodeRow> config_codes() { return kCodes; }

}  // namespace server
