// What all checks share: the plan, the reference, the clock, and what has been found so far.
//
// Blocks of the design may be evaluated by several threads at once (block_team.h). What a probe finds is kept
// by the probe, so that no two threads write to one place and a run finds the same whatever their number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "manifest.h"
#include "mismatch.h"
#include "reference.h"

namespace nzflow {

/// When a layer worked on an inference: first step of its first window, last beat it gave.
struct LayerSpan {
  std::uint64_t start = UINT64_MAX;
  std::uint64_t end = 0;

  void include(const LayerSpan& other) {
    start = std::min(start, other.start);
    end = std::max(end, other.end);
  }
};

/// Sums over the engines of a layer.
struct LayerActivity {
  std::uint64_t windows = 0;
  std::uint64_t busy_cycles = 0, starved_cycles = 0, blocked_cycles = 0;
  std::uint64_t steps = 0, issues = 0;
  /// Of the stream that leaves the layer.
  std::uint64_t beats = 0, tokens = 0;

  LayerActivity& operator+=(const LayerActivity& other) {
    windows += other.windows;
    busy_cycles += other.busy_cycles;
    starved_cycles += other.starved_cycles;
    blocked_cycles += other.blocked_cycles;
    steps += other.steps;
    issues += other.issues;
    beats += other.beats;
    tokens += other.tokens;
    return *this;
  }
};

/// What one probe found about its layer; on cache lines of its own.
struct alignas(64) ProbeState {
  int layer = 0;
  /// Cycle of the last transfer, drain beat or window.
  std::uint64_t last_progress = 0;
  /// Whether a lane of its engine steps, and the cycle in which that last ceased.
  bool stepping = false;
  std::uint64_t last_step = 0;
  MismatchLog mismatches;
  std::uint64_t accumulators_compared = 0;
  /// Values of streams compared, absent tokens included.
  std::uint64_t values_compared = 0;
  /// Sites of streams compared.
  std::uint64_t sites_compared = 0;
  LayerActivity activity;
  /// Of the first pipeline_inferences inferences of the run.
  std::vector<LayerSpan> spans;

  void steps(bool begins, std::uint64_t cycle) {
    stepping = begins;
    if (!begins) last_step = cycle;
  }

  /// Null when the picture does not go that far.
  LayerSpan* span(std::uint64_t inference) {
    return inference < spans.size() ? &spans[inference] : nullptr;
  }
};

struct RunState {
  const Manifest& manifest;
  const Reference& reference;
  std::uint64_t cycle = 0;
  /// Cycle of the last transfer at the ports of the top.
  std::uint64_t last_transfer = 0;
  /// Of the output of the top.
  MismatchLog port_mismatches;
  /// [layer][inference] of layers whose results leave at the output.
  std::vector<std::vector<LayerSpan>> port_spans;
  /// In the order in which they registered, the same in every run; they stay where they are.
  std::deque<ProbeState> probes;

  RunState(const Manifest& manifest_in, const Reference& reference_in)
      : manifest(manifest_in), reference(reference_in),
        port_spans(manifest_in.layers.size(), no_spans()) {}

  ProbeState& add_probe(int layer) {
    ProbeState& probe = probes.emplace_back();
    probe.layer = layer;
    probe.spans = no_spans();
    return probe;
  }

  /// Whether nothing has moved for so long. Asked every cycle, answered without a look at the probes
  /// in most of them.
  bool hangs() {
    if (cycle - known_progress_ <= manifest.hang_cycles) return false;
    known_progress_ = last_progress();
    return cycle - known_progress_ > manifest.hang_cycles;
  }

  /// Whether no lane has stepped and nothing else has moved for so long.
  bool still_for(std::uint64_t cycles) const {
    std::uint64_t last = last_progress();
    for (const ProbeState& probe : probes) {
      if (probe.stepping) return false;
      last = std::max(last, probe.last_step);
    }
    return cycle - last > cycles;
  }

  /// Of all probes and of the output.
  MismatchLog mismatches() const {
    MismatchLog all = port_mismatches;
    for (const ProbeState& probe : probes) all.merge(probe.mismatches);
    return all;
  }

  /// By layer.
  std::vector<LayerActivity> activity() const {
    std::vector<LayerActivity> all(manifest.layers.size());
    for (const ProbeState& probe : probes) {
      all[static_cast<std::size_t>(probe.layer)] += probe.activity;
    }
    return all;
  }

  /// [layer][inference].
  std::vector<std::vector<LayerSpan>> spans() const {
    std::vector<std::vector<LayerSpan>> all = port_spans;
    for (const ProbeState& probe : probes) {
      auto& row = all[static_cast<std::size_t>(probe.layer)];
      for (std::size_t at = 0; at < row.size(); ++at) row[at].include(probe.spans[at]);
    }
    return all;
  }

  /// Sum of a counter over the probes.
  std::uint64_t total(std::uint64_t ProbeState::*counter) const {
    std::uint64_t sum = 0;
    for (const ProbeState& probe : probes) sum += probe.*counter;
    return sum;
  }

 private:
  std::vector<LayerSpan> no_spans() const {
    return std::vector<LayerSpan>(static_cast<std::size_t>(manifest.pipeline_inferences));
  }

  /// Cycle of the last transfer, drain beat or window.
  std::uint64_t last_progress() const {
    std::uint64_t last = last_transfer;
    for (const ProbeState& probe : probes) last = std::max(last, probe.last_progress);
    return last;
  }

  std::uint64_t known_progress_ = 0;
};

}  // namespace nzflow
