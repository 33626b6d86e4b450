// Random gaps in bursts: how often a side pauses changes over time.
#pragma once

#include <cstdint>

namespace nzflow {

/// Deterministic for a seed on every machine.
class Traffic {
 public:
  /// Seed 0: never pauses.
  explicit Traffic(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u), random_(seed != 0) {}

  /// Whether the side is willing in this cycle; call once a cycle.
  bool go() {
    if (!random_) return true;
    if (left_-- == 0) {
      // from "always" over "now and then" to "hardly ever", for 1 to 256 cycles
      static constexpr std::uint32_t kChances[] = {256, 256, 224, 128, 64, 16};
      chance_ = kChances[next() % 6];
      left_ = next() % 256;
    }
    return next() % 256 < chance_;
  }

 private:
  std::uint32_t next() {
    // splitmix64
    std::uint64_t value = (state_ += 0x9e3779b97f4a7c15u);
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::uint32_t>((value ^ (value >> 31)) >> 16);
  }

  std::uint64_t state_;
  bool random_;
  std::uint32_t chance_ = 256;
  std::uint32_t left_ = 0;
};

}  // namespace nzflow
