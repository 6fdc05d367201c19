// Which server a command asks: `@ADDR[:PORT]` among its words, and `-p PORT`. All commands that ask a server name it
// so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/cli/command_line.h"
#include "tools/query/client.h"

namespace tools {

// The option -p, and what the help says of `@ADDR[:PORT]`: it is a word of the operand before it.
void add_server_options(CommandLine& line, std::optional<std::uint16_t>& port);
// Where it is the only operand.
void add_server_operand(CommandLine& line, std::vector<std::string>& words, std::optional<std::uint16_t>& port);

// Takes the words that begin with "@" out of `words`. Without one it is the server on this host (see `local_server`).
// The error is words for a person.
dns::Result<ServerAddress, std::string> take_server(std::vector<std::string>& words, std::optional<std::uint16_t> port);

}  // namespace tools
