// One snapshot with every kind of node in an answer: for fuzzing, mutation and exhaustive tests.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "zone/snapshot/snapshot.h"

namespace dns::test {

std::shared_ptr<const Snapshot> all_kinds();

// A name of each kind.
std::span<const std::string_view> names_of_all_kinds();

}  // namespace dns::test
