// What goes into the top: the beats of all inferences of the run, in order.
#pragma once

#include <cstdint>
#include <vector>

#include "run_state.h"
#include "traffic.h"

namespace nzflow {

/// Inferences follow each other without a gap (or with random ones) in the stream part; each one
/// of the isolated part waits until every inference has left and all has been still for settle_cycles:
/// layers may still compute rows of the last inference that nobody reads.
class InputDriver {
 public:
  explicit InputDriver(RunState& run)
      : run_(run), traffic_(run.manifest.gap_seed),
        first_beat_(static_cast<std::size_t>(run.manifest.inferences()), 0) {}

  /// Decides about this cycle; `completed` inferences have left.
  void step(std::uint64_t completed);
  /// The beat was taken in this cycle.
  void taken();

  bool valid() const { return valid_; }
  bool last() const { return beat_ + 1 == run_.manifest.input_beats; }
  const std::uint32_t* data() const;
  /// Cycle in which each inference's first beat was taken, those below sent() are valid.
  const std::vector<std::uint64_t>& first_beat() const { return first_beat_; }
  std::uint64_t sent() const { return inference_; }

 private:
  RunState& run_;
  Traffic traffic_;
  std::vector<std::uint64_t> first_beat_;
  std::uint64_t inference_ = 0;
  int beat_ = 0;
  bool valid_ = false;
};

}  // namespace nzflow
