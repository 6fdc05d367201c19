// Printing of the fields that are small languages of their own. Each returns kGeneric where the octets, though
// well-formed, have no text that reads back to the same octets; the RDATA is then printed as RFC 3597 writes it.
#pragma once

#include <string>

#include "zone/base/bytes.h"

namespace dns {

enum class Printed : std::uint8_t { kText, kGeneric };

void append_name(std::string& out, const std::uint8_t* name);
void append_types(std::string& out, Bytes bitmap);        // " A NS": a blank before each
void append_generic(std::string& out, Bytes rdata);       // "\# 4 0A000001"
Printed append_location(std::string& out, Bytes octets);  // RFC 1876 3
void append_svc_params(std::string& out, Bytes params);   // " alpn=\"h2\"": a blank before each

}  // namespace dns
