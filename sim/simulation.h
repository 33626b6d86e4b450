// One run: the design, its clock, and everything attached to it.
#pragma once

#include <cstdint>
#include <memory>

#include "input_driver.h"
#include "load_driver.h"
#include "output_checker.h"
#include "probes.h"
#include "run_state.h"
#include "weight_driver.h"

namespace nzflow {

enum class Ending { kComplete, kHang, kRefused };

struct Simulation {
  RunState run;
  Probes probes;
  LoadDriver load;
  WeightDriver weights;
  InputDriver input;
  OutputChecker output;
  /// Cycle of the last completion of the stream part: activity is snapshot there.
  std::vector<LayerActivity> stream_activity;
  /// Beats of the weight stream taken until then.
  std::uint64_t weight_beats = 0;
  double seconds = 0;
  /// From the first load beat offered until inferences may enter.
  std::uint64_t load_cycles = 0;

  Simulation(const Manifest& manifest, const Reference& reference)
      : run(manifest, reference), probes(run), load(run), weights(run), input(run), output(run) {}
};

/// Simulates until every inference has left or nothing moves any more.
Ending simulate(Simulation& simulation);

}  // namespace nzflow
