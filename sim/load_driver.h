// What goes into the load stream of the top: all weights, before the first inference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "binary_file.h"
#include "run_state.h"
#include "traffic.h"

namespace nzflow {

/// Whether a verilated top has a load stream.
template <typename Top, typename = void>
struct LoadPorts {
  static constexpr bool kPresent = false;
};
template <typename Top>
struct LoadPorts<Top, decltype(static_cast<void>(std::declval<Top&>().load_valid_i))> {
  static constexpr bool kPresent = true;
};

/// Beats follow each other without a gap, or with random ones.
class LoadDriver {
 public:
  explicit LoadDriver(RunState& run)
      : run_(run), traffic_(run.manifest.gap_seed),
        beats_(run.manifest.load.empty()
                   ? BinaryFile()
                   : BinaryFile(run.manifest.load,
                                static_cast<std::size_t>(run.manifest.load_beats) *
                                    static_cast<std::size_t>(run.manifest.load_words()) * 4)) {}

  /// Decides about this cycle.
  void step() {
    const bool go = traffic_.go();
    if (!valid_ && beat_ < run_.manifest.load_beats) valid_ = go;
  }
  /// The beat was taken in this cycle.
  void taken() {
    run_.last_transfer = run_.cycle;
    valid_ = false;
    ++beat_;
  }

  bool valid() const { return valid_; }
  bool last() const { return beat_ + 1 == run_.manifest.load_beats; }
  /// All beats were taken.
  bool done() const { return beat_ == run_.manifest.load_beats; }
  const std::uint32_t* data() const {
    return beats_.as<std::uint32_t>() +
           static_cast<std::ptrdiff_t>(beat_) * run_.manifest.load_words();
  }

 private:
  RunState& run_;
  Traffic traffic_;
  BinaryFile beats_;
  int beat_ = 0;
  bool valid_ = false;
};

}  // namespace nzflow
