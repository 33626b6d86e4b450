// Memory images: $readmemh of the verilated design.
//
// Verilator 5 shifts a whole word for every digit, which is quadratic in the width: a sixth of the
// time of a dense design whose words have 100,000 bits. It also reads a file again for every copy.
#pragma once

#include <verilated.h>

#include <string>

namespace nzflow {

/// As VL_READMEM_N. A file of hexadecimal words alone, one a line, is read here and kept for the
/// next memory that has it; anything else (addresses, comments, x, too many words, a last line
/// without end) is left to VL_READMEM_N.
void read_memory(bool hex, int bits, QData depth, int array_lsb, const std::string& filename,
                 void* memory, QData start, QData end);

}  // namespace nzflow

// after the declaration in verilated.h: what follows are the calls of the design
#define VL_READMEM_N nzflow::read_memory
