// What all checks share: the plan, the reference, the clock, and what has been found so far.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "manifest.h"
#include "mismatch.h"
#include "reference.h"

namespace nzflow {

/// When a layer worked on an inference: first step of its first window, last beat it gave.
struct LayerSpan {
  std::uint64_t start = UINT64_MAX;
  std::uint64_t end = 0;
};

/// Sums over all copies and engines of a layer.
struct LayerActivity {
  std::uint64_t windows = 0;
  std::uint64_t busy_cycles = 0, starved_cycles = 0, blocked_cycles = 0;
  std::uint64_t steps = 0, issues = 0;
  /// Of the stream that leaves the layer.
  std::uint64_t beats = 0, tokens = 0;
};

struct RunState {
  const Manifest& manifest;
  const Reference& reference;
  std::uint64_t cycle = 0;
  /// Cycle of the last transfer, drain beat or window.
  std::uint64_t last_progress = 0;
  /// Engines with a lane that steps, and the cycle in which the last of them ceased.
  int engines_stepping = 0;
  std::uint64_t last_step = 0;
  MismatchLog mismatches;
  std::uint64_t accumulators_compared = 0;
  /// Values of streams compared, absent tokens included.
  std::uint64_t values_compared = 0;
  /// Sites of streams compared.
  std::uint64_t sites_compared = 0;
  std::vector<LayerActivity> activity;
  /// [layer][inference], first pipeline_inferences inferences of the run.
  std::vector<std::vector<LayerSpan>> spans;

  RunState(const Manifest& manifest_in, const Reference& reference_in)
      : manifest(manifest_in), reference(reference_in), activity(manifest_in.layers.size()),
        spans(manifest_in.layers.size(),
              std::vector<LayerSpan>(static_cast<std::size_t>(manifest_in.pipeline_inferences))) {}

  void stepping(bool begins) {
    engines_stepping += begins ? 1 : -1;
    if (!begins) last_step = cycle;
  }

  /// Whether no lane has stepped and nothing else has moved for so long.
  bool still_for(std::uint64_t cycles) const {
    return engines_stepping == 0 && cycle - std::max(last_progress, last_step) > cycles;
  }

  /// Span of a layer and inference, null when the picture does not go that far.
  LayerSpan* span(int layer, std::uint64_t inference) {
    auto& row = spans[static_cast<std::size_t>(layer)];
    return inference < row.size() ? &row[inference] : nullptr;
  }
};

}  // namespace nzflow
