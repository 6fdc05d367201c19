// What steering is told: it stands with the policies that judge it.
#pragma once

#include "server/policy/plan.h"
