// The server that a command queries: `@ADDR[:PORT]` among its words, and `-p PORT`. All commands that query a server
// use this form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/cli/command_line.h"
#include "tools/query/client.h"

namespace tools {

// Declares -p, and a help row for `@ADDR[:PORT]`, which is a word of the operand before it.
void add_server_options(CommandLine& line, std::optional<std::uint16_t>& port);
// Declares -p, and `@ADDR[:PORT]` as the only operand.
void add_server_operand(CommandLine& line, std::vector<std::string>& words, std::optional<std::uint16_t>& port);

// Removes the words that begin with "@" from `words` and returns the server. Without such a word it is the server on
// this host (see `local_server`). The error is a message for the user: an invalid address, two servers, or two ports.
dns::Result<ServerAddress, std::string> take_server(std::vector<std::string>& words, std::optional<std::uint16_t> port);

}  // namespace tools
