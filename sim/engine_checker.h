// Compares every sum an engine drains, and adds up what its windows cost.
#pragma once

#include <cstdint>

#include "run_state.h"

namespace nzflow {

/// Counters of an engine since reset, as its probe hands them over.
struct EngineCounters {
  std::uint32_t busy = 0, starved = 0, blocked = 0, steps = 0, issues = 0;
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
  void window_end(const EngineCounters& counters, std::uint32_t span_cycles);

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
  void report(int channel, std::int32_t expected, std::int32_t got);

  RunState& run_;
  const LayerManifest& plan_;
  int copy_, layer_, engine_, sum_bits_;
  EngineCounters seen_;
  std::uint64_t windows_ended_ = 0;
  /// The window being drained, and the next beat of it.
  std::uint64_t drained_windows_ = 0;
  int beat_ = 0;
  Place drain_place_;
  /// Expected sum of channel 0, channels windows() apart; null where nothing is known.
  const std::int32_t* expected_ = nullptr;
};

}  // namespace nzflow
