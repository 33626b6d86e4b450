// nzflow simulator: runs a verilated design against the reference and writes what it found.
//
//   simulator <manifest>      (in the folder of the memory images)
//
// Exit code: 0 everything agrees, 1 something differs, 2 the run could not be done (one line
// `error ...` on stderr), 3 the design hangs, 4 the design refuses the weights. Codes 0, 1 and 3
// leave a result file.

#include <cstdio>
#include <exception>

#include "result_writer.h"
#include "simulation.h"

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("error usage: simulator <manifest>\n", stderr);
    return 2;
  }
  try {
    const nzflow::Manifest manifest = nzflow::read_manifest(arguments[1]);
    const nzflow::Reference reference(manifest);
    nzflow::Simulation simulation(manifest, reference);
    const nzflow::Ending ending = nzflow::simulate(simulation);
    if (ending == nzflow::Ending::kRefused) {
      std::fputs("refused\n", stderr);
      return 4;
    }
    nzflow::write_result(simulation, ending);
    if (ending == nzflow::Ending::kHang) return 3;
    return simulation.run.mismatches().total() == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error %s\n", error.what());
    return 2;
  }
}
