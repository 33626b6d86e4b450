// What the test program can do.
#pragma once

namespace nzflow_test {

/// Arguments from 1 on: samples.f32, samples, batch, seed, stalls of 256, copies.
void run_driver(char** arguments);

/// Arguments from 1 on: seed, stalls of 256, copies.
void serve(char** arguments);

}  // namespace nzflow_test
