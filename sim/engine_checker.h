// Compares every sum an engine drains, and adds up what its windows cost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "run_state.h"

namespace nzflow {

/// What the lanes of an engine do in a cycle, as its probe tells them apart.
enum class Phase : unsigned { kIdle, kBusy, kStarved, kBlocked };

/// Counters of an engine since reset, as its probe hands them over.
struct EngineCounters {
  std::uint32_t steps = 0, issues = 0;
};

/**
 * Engine e of U computes the pooled output sites e, e + U, ... of the endless raster sequence of
 * all inferences of its copy, and the windows of a site in raster order of the pooling kernel, or column
 * by column.
 * A window leaves as drain_beats beats; slots of the plan tell which channels a beat holds.
 */
class EngineChecker {
 public:
  EngineChecker(RunState& run, int copy, int layer, int engine, int sum_bits);

  void sums(const std::uint32_t* data);
  /// From this cycle on the engine is in another phase.
  void begins(Phase phase);
  /// So many windows end with this cycle.
  void windows_end(int windows, const EngineCounters& counters);

  int copy() const { return copy_; }
  int layer() const { return layer_; }
  std::uint64_t windows_ended() const { return windows_ended_; }

 private:
  /// Where the n-th window of this engine belongs.
  struct Place {
    std::uint64_t inference = 0;
    int row = 0, column = 0;
  };
  Place place(std::uint64_t window) const;
  void begin_drain();
  /// The sums of a sample, channels of a window side by side: in the order in which they come, as the cache
  /// likes it.
  void turn(const std::int32_t* map);
  void end_drain();
  /// A beat of a window whose sums are known.
  void compare(const std::uint32_t* data);
  void report(int channel, std::int32_t expected, std::int32_t got);
  /// Cycles in a phase so far, this one included, without those told before.
  std::uint64_t take_cycles(Phase phase);

  RunState& run_;
  ProbeState& state_;
  const LayerManifest& plan_;
  int copy_, layer_, engine_, sum_bits_;
  EngineCounters seen_;
  Phase phase_ = Phase::kIdle;
  /// First cycle of the phase that is not yet in `cycles_`.
  std::uint64_t phase_start_ = 0;
  std::array<std::uint64_t, 4> cycles_ = {};
  /// First step of the window at hand; kNever before it.
  static constexpr std::uint64_t kNever = UINT64_MAX;
  std::uint64_t window_start_ = kNever;
  std::uint64_t windows_ended_ = 0;
  /// The window being drained, and the next beat of it.
  std::uint64_t drained_windows_ = 0;
  int beat_ = 0;
  Place drain_place_;
  /// Expected sum of channel 0, the others so far apart; null where nothing is known.
  const std::int32_t* expected_ = nullptr;
  std::ptrdiff_t channel_step_ = 0;
  /// The map of a sample as the reference has it, and turned.
  const bool turns_;
  const std::int32_t* turned_ = nullptr;
  std::vector<std::int32_t> by_window_;
};

}  // namespace nzflow
