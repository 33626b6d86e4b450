// In front of every source of a simulator (compiler option -include), Verilator's own library
// excepted. Compiled once for all designs: reading these headers took half of a build.
// no #pragma once: it is the main file where it is precompiled
#ifndef NZFLOW_PRELUDE_H
#define NZFLOW_PRELUDE_H

#include <verilated.h>
#include <verilated_dpi.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "probe_registration.h"
#include "read_memory.h"

#endif
