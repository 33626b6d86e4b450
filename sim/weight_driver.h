// What goes into the weight stream of the top: the beats of a period again and again, as fast as the
// memory beside the device gives them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "binary_file.h"
#include "run_state.h"
#include "traffic.h"

namespace nzflow {

/// Whether a verilated top has a weight stream.
template <typename Top, typename = void>
struct WeightPorts {
  static constexpr bool kPresent = false;
};
template <typename Top>
struct WeightPorts<Top, decltype(static_cast<void>(std::declval<Top&>().weight_valid_i))> {
  static constexpr bool kPresent = true;
};

/// A beat is offered as soon as there is credit for it, which comes in at the rate of the memory from the
/// end of reset on and is kept for two beats at most; with gaps it may be offered later.
class WeightDriver {
 public:
  explicit WeightDriver(RunState& run)
      : manifest_(run.manifest), traffic_(run.manifest.gap_seed),
        beats_(manifest_.weights.empty()
                   ? BinaryFile()
                   : BinaryFile(manifest_.weights,
                                static_cast<std::size_t>(manifest_.weight_beats) *
                                    static_cast<std::size_t>(manifest_.weight_words()) * 4)) {}

  /// Decides about this cycle.
  void step() {
    const std::uint64_t cost = manifest_.weight_rate_cycles;
    credit_ = std::min(credit_ + manifest_.weight_rate_beats, 2 * cost);
    const bool go = traffic_.go();
    if (!valid_) valid_ = go && credit_ >= cost;
  }
  /// The beat was taken in this cycle.
  void taken() {
    valid_ = false;
    credit_ -= manifest_.weight_rate_cycles;
    ++taken_;
    if (++beat_ == manifest_.weight_beats) beat_ = 0;
  }

  bool valid() const { return valid_; }
  /// Beats taken so far.
  std::uint64_t count() const { return taken_; }
  const std::uint32_t* data() const {
    return beats_.as<std::uint32_t>() +
           static_cast<std::ptrdiff_t>(beat_) * manifest_.weight_words();
  }

 private:
  const Manifest& manifest_;
  Traffic traffic_;
  BinaryFile beats_;
  std::uint64_t credit_ = 0;
  std::uint64_t taken_ = 0;
  int beat_ = 0;
  bool valid_ = false;
};

}  // namespace nzflow
