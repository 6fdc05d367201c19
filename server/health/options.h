// What health is judged of: monitors, and the checks that are made with them. They stand where they are carried out.
#pragma once

#include "server/probe/options.h"
