#include "engine_checker.h"

#include <algorithm>
#include <utility>

#include "bit_field.h"

namespace nzflow {
namespace {

/// Every engine of a layer turns all sums of the layer: only where they are few.
constexpr std::int64_t kMostTurned = 1 << 20;

std::int64_t sums_of(const LayerManifest& layer) {
  return std::int64_t{layer.windows()} * layer.channels;
}

inline void prefetch(const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
}

}  // namespace

EngineChecker::EngineChecker(RunState& run, int copy, int layer, int engine, int sum_bits)
    : run_(run), state_(run.add_probe(layer)), plan_(run.manifest.layers[static_cast<std::size_t>(layer)]), copy_(copy),
      layer_(layer), engine_(engine), sum_bits_(sum_bits),
      turns_(plan_.engines == 1 || sums_of(plan_) * plan_.engines <= kMostTurned) {}

EngineChecker::Place EngineChecker::place(std::uint64_t window) const {
  const auto pool = static_cast<std::uint64_t>(plan_.pool());
  const auto sites = static_cast<std::uint64_t>(plan_.sites());
  const std::uint64_t group = (window / pool) * static_cast<std::uint64_t>(plan_.engines) +
                              static_cast<std::uint64_t>(engine_);
  const int in_pool = static_cast<int>(window % pool);
  const int site = static_cast<int>(group % sites);
  Place place;
  place.inference = (group / sites) * static_cast<std::uint64_t>(run_.manifest.copies) +
                    static_cast<std::uint64_t>(copy_);
  const bool by_columns = plan_.pool_by_columns != 0;
  const int row = by_columns ? in_pool % plan_.pool_height : in_pool / plan_.pool_width;
  const int column = by_columns ? in_pool / plan_.pool_height : in_pool % plan_.pool_width;
  place.row = site / plan_.output_width * plan_.pool_step_height + row;
  place.column = site % plan_.output_width * plan_.pool_step_width + column;
  return place;
}

void EngineChecker::begin_drain() {
  drain_place_ = place(drained_windows_);
  expected_ = nullptr;
  // a window that lies in the padding needs no input: it may run ahead of the last inference
  if (drain_place_.inference >= static_cast<std::uint64_t>(run_.manifest.inferences())) return;
  const int sample = run_.manifest.sample(static_cast<int>(drain_place_.inference));
  const std::int32_t* map = run_.reference.accumulators(layer_, sample);
  const bool inside = drain_place_.row < plan_.window_height &&
                      drain_place_.column < plan_.window_width;
  if (map == nullptr || !inside) return;
  const int window = drain_place_.row * plan_.window_width + drain_place_.column;
  if (!turns_) {
    expected_ = map + window;
    channel_step_ = plan_.windows();
    return;
  }
  if (map != turned_) turn(map);
  expected_ = by_window_.data() + static_cast<std::ptrdiff_t>(window) * plan_.channels;
  channel_step_ = 1;
}

void EngineChecker::end_drain() {
  beat_ = 0;
  ++drained_windows_;
  if (expected_ == nullptr || channel_step_ != 1) return;
  // all other copies are evaluated before the next window comes
  const Place next = place(drained_windows_);
  const int window = next.row * plan_.window_width + next.column;
  if (window >= plan_.windows()) return;
  constexpr int kLine = 16;
  for (int channel = 0; channel < plan_.channels; channel += kLine) {
    prefetch(by_window_.data() + static_cast<std::ptrdiff_t>(window) * plan_.channels + channel);
  }
}

void EngineChecker::turn(const std::int32_t* map) {
  turned_ = map;
  const std::ptrdiff_t windows = plan_.windows();
  const std::ptrdiff_t channels = plan_.channels;
  by_window_.resize(static_cast<std::size_t>(windows * channels));
  // a cache line of every channel at a time
  constexpr std::ptrdiff_t kLine = 16;
  for (std::ptrdiff_t first = 0; first < windows; first += kLine) {
    const std::ptrdiff_t end = std::min(first + kLine, windows);
    for (std::ptrdiff_t channel = 0; channel < channels; ++channel) {
      const std::int32_t* from = map + channel * windows;
      std::int32_t* to = by_window_.data() + channel;
      for (std::ptrdiff_t window = first; window < end; ++window) to[window * channels] = from[window];
    }
  }
}

void EngineChecker::sums(const std::uint32_t* data) {
  state_.last_progress = run_.cycle;
  if (beat_ == 0) begin_drain();
  if (expected_ != nullptr) compare(data);
  if (++beat_ == plan_.drain_beats) end_drain();
}

void EngineChecker::compare(const std::uint32_t* data) {
  const int* slots = plan_.slots.data() + beat_ * plan_.drain_width;
  std::uint64_t compared = 0;
  int low = 0;
  for (int position = 0; position < plan_.drain_width; ++position, low += sum_bits_) {
    const int channel = slots[position];
    if (channel < 0) continue;
    const std::int32_t got = signed_bit_field(data, low, sum_bits_);
    const std::int32_t expected = expected_[channel * channel_step_];
    ++compared;
    if (got != expected) report(channel, expected, got);
  }
  state_.accumulators_compared += compared;
}

void EngineChecker::report(int channel, std::int32_t expected, std::int32_t got) {
  const int inference = static_cast<int>(drain_place_.inference);
  state_.mismatches.add({Check::kAccumulator, layer_, copy_, engine_, inference,
                       run_.manifest.sample(inference), drain_place_.row, drain_place_.column,
                       channel, expected, got, run_.cycle, "sum before pooling and bias"});
}

void EngineChecker::begins(Phase phase) {
  cycles_[static_cast<std::size_t>(phase_)] += run_.cycle - phase_start_;
  phase_start_ = run_.cycle;
  if (phase_ == Phase::kBusy) {
    state_.steps(false, run_.cycle);
    // the window that was to begin with this cycle does not: see windows_end
    if (window_start_ == run_.cycle) window_start_ = kNever;
  }
  phase_ = phase;
  if (phase_ == Phase::kBusy) {
    state_.steps(true, run_.cycle);
    if (window_start_ == kNever) window_start_ = run_.cycle;
  }
}

std::uint64_t EngineChecker::take_cycles(Phase phase) {
  std::uint64_t& cycles = cycles_[static_cast<std::size_t>(phase)];
  if (phase == phase_) {
    cycles += run_.cycle + 1 - phase_start_;
    phase_start_ = run_.cycle + 1;
  }
  return std::exchange(cycles, 0);
}

void EngineChecker::windows_end(int windows, const EngineCounters& counters) {
  state_.last_progress = run_.cycle;
  LayerActivity& activity = state_.activity;
  activity.windows += static_cast<std::uint64_t>(windows);
  activity.busy_cycles += take_cycles(Phase::kBusy);
  activity.starved_cycles += take_cycles(Phase::kStarved);
  activity.blocked_cycles += take_cycles(Phase::kBlocked);
  // the probe's counters are 32 bits and may wrap: differences do not
  activity.steps += counters.steps - seen_.steps;
  activity.issues += counters.issues - seen_.issues;
  seen_ = counters;
  for (int window = 0; window < windows; ++window, ++windows_ended_) {
    LayerSpan* span = state_.span(place(windows_ended_).inference);
    if (span == nullptr) continue;
    span->start = std::min(span->start, std::min(window_start_, run_.cycle));
    span->end = std::max(span->end, run_.cycle);
  }
  // lanes that go on stepping step for the next window
  window_start_ = phase_ == Phase::kBusy ? run_.cycle + 1 : kNever;
}

}  // namespace nzflow
