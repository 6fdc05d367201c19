// Tables of numbers with mnemonics in zone files: DNSSEC algorithms, certificate types, DSYNC schemes, the protocols
// and ports of WKS. One row for each name; of several names for one number, the first is printed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace dns {

struct MnemonicRow {
  std::uint16_t value;
  std::string_view name;
};

// IANA "DNS Security Algorithm Numbers". 0 has no row, because CERT and CDS use it as a number.
inline constexpr MnemonicRow kAlgorithms[] = {
    {1, "RSAMD5"},
    {2, "DH"},
    {3, "DSA"},
    {4, "ECC"},
    {5, "RSASHA1"},
    {6, "NSEC3DSA"},
    {6, "DSA-NSEC3-SHA1"},
    {7, "NSEC3RSASHA1"},
    {7, "RSASHA1-NSEC3-SHA1"},
    {8, "RSASHA256"},
    {10, "RSASHA512"},
    {12, "ECCGOST"},
    {12, "ECC-GOST"},
    {13, "ECDSAP256SHA256"},
    {14, "ECDSAP384SHA384"},
    {15, "ED25519"},
    {16, "ED448"},
    {17, "SM2SM3"},
    {23, "ECC-GOST12"},
    {252, "INDIRECT"},
    {253, "PRIVATEDNS"},
    {254, "PRIVATEOID"},
};

// RFC 4398 2.1.
inline constexpr MnemonicRow kCertTypes[] = {
    {1, "PKIX"}, {2, "SPKI"},   {3, "PGP"},     {4, "IPKIX"}, {5, "ISPKI"},
    {6, "IPGP"}, {7, "ACPKIX"}, {8, "IACPKIX"}, {253, "URI"}, {254, "OID"},
};

// RFC 9859 6.2.
inline constexpr MnemonicRow kSchemes[] = {{1, "NOTIFY"}};

// The protocols that WKS records use; others are written as numbers.
inline constexpr MnemonicRow kProtocols[] = {
    {1, "icmp"},     {2, "igmp"}, {3, "ggp"},  {6, "tcp"},  {8, "egp"}, {12, "pup"},  {17, "udp"},   {20, "hmp"},
    {22, "xns-idp"}, {27, "rdp"}, {47, "gre"}, {50, "esp"}, {51, "ah"}, {89, "ospf"}, {132, "sctp"},
};

// The services of RFC 1010 and its successors that WKS records use; others are written as port numbers.
inline constexpr MnemonicRow kPorts[] = {
    {1, "tcpmux"},    {5, "rje"},        {7, "echo"},         {9, "discard"},       {11, "users"},
    {11, "systat"},   {13, "daytime"},   {15, "netstat"},     {17, "quote"},        {17, "qotd"},
    {19, "chargen"},  {20, "ftp-data"},  {21, "ftp"},         {22, "ssh"},          {23, "telnet"},
    {25, "smtp"},     {37, "time"},      {39, "rlp"},         {42, "name"},         {42, "nameserver"},
    {43, "nicname"},  {43, "whois"},     {53, "domain"},      {67, "bootps"},       {68, "bootpc"},
    {69, "tftp"},     {70, "gopher"},    {77, "rje-private"}, {79, "finger"},       {80, "http"},
    {88, "kerberos"}, {95, "supdup"},    {101, "hostnames"},  {101, "hostname"},    {102, "iso-tsap"},
    {103, "x400"},    {104, "x400-snd"}, {105, "csnet-ns"},   {107, "rtelnet"},     {109, "pop2"},
    {110, "pop3"},    {111, "sunrpc"},   {113, "auth"},       {115, "sftp"},        {117, "uucp-path"},
    {119, "nntp"},    {123, "ntp"},      {137, "netbios-ns"}, {138, "netbios-dgm"}, {139, "netbios-ssn"},
    {143, "imap"},    {143, "imap2"},    {161, "snmp"},       {162, "snmptrap"},    {179, "bgp"},
    {194, "irc"},     {389, "ldap"},     {443, "https"},      {464, "kpasswd"},     {515, "printer"},
    {993, "imaps"},   {995, "pop3s"},
};

// The value of a name, case ignored; nothing for an unknown name.
std::optional<std::uint16_t> find_value(std::span<const MnemonicRow> rows, std::string_view name);
// The name of a value; empty if it has none.
std::string_view find_name(std::span<const MnemonicRow> rows, std::uint16_t value);
// The name most similar to `typed`; empty if none is.
std::string_view nearest_name(std::span<const MnemonicRow> rows, std::string_view typed);

}  // namespace dns
