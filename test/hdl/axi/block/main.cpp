// The verilated nzflow_axi under the C driver (six arguments) or a script (three).

#include <cstdio>
#include <exception>

#include "programs.h"

int main(int count, char** arguments) {
  try {
    if (count == 7) {
      nzflow_test::run_driver(arguments);
    } else if (count == 4) {
      nzflow_test::serve(arguments);
    } else {
      return 2;
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error %s\n", error.what());
    return 1;
  }
}
