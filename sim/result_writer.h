// The result of a run as JSON, and the received logits as a binary file.
#pragma once

#include "simulation.h"

namespace nzflow {

/// Throws std::runtime_error when a file cannot be written.
void write_result(const Simulation& simulation, Ending ending);

}  // namespace nzflow
