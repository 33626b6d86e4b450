// Leaves a block alone that stands still: its code is not run while nothing in it can change.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace nzflow {

/// Evaluations of blocks and calls of probes so far: what an evaluation does beside changing its
/// own state. Blocks inside a block are evaluated within its evaluation.
inline std::uint64_t block_events = 0;

/// Decides when a verilated block with registers of one clock's rising edge has to be evaluated.
///
/// Not when no input changed since it was. And not at the edges of the clock while it is asleep: two
/// cycles in a row left the same state, bit for bit, with the same inputs, without an evaluation of
/// a block inside and without a probe being called. All further cycles are equal to these two until
/// an input changes, which wakes it. Nothing is guessed: a counter that runs keeps its block awake.
///
/// `Model` has `clk_i` and `eval()`; `State` is everything it remembers, in one piece.
template <typename Model, typename State>
class StillBlock {
 public:
  /// An input gets a value; call `settle` after the last of them.
  template <typename Port, typename Value>
  void set(Port& port, const Value value) {
    if (port == static_cast<Port>(value)) return;
    port = static_cast<Port>(value);
    changed_ = true;
  }
  /// The same for a wide one, which `write` assigns.
  template <typename Port, typename Write>
  void set_wide(Port& port, Write write) {
    const Port before = port;
    write();
    if (std::memcmp(&before, &port, sizeof(Port)) != 0) changed_ = true;
  }

  /// Outputs follow the inputs that were set.
  void settle(Model& model) {
    if (!changed_) return;
    changed_ = false;
    moved_ = true;
    // edges it slept through went unseen: falling ones do nothing, so the level is what counts
    if (asleep_) model.clk_i = clock_;
    asleep_ = false;
    evaluate(model);
  }

  /// The clock gets this level.
  template <typename Level>
  void clock(Model& model, const State& state, Level level) {
    clock_ = static_cast<unsigned char>(level & 1);
    if (asleep_) return;
    model.clk_i = clock_;
    evaluate(model);
    if (clock_ != 0) end_cycle(state);
  }

  /// A number for the order of evaluations, greater after one that did something. It is kept by the block
  /// around, which could never stand still if it grew on its own.
  long long number(long long& next) const { return asleep_ ? next : next++; }

  bool asleep() const { return asleep_; }

 private:
  void evaluate(Model& model) {
    const std::uint64_t before = block_events;
    model.eval();
    if (block_events != before) moved_ = true;
    ++block_events;
  }

  void end_cycle(const State& state) {
    if (moved_) {
      moved_ = false;
      quiet_ = 0;
      before_.clear();
      return;
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(&state);
    if (!before_.empty()) {
      asleep_ = std::memcmp(before_.data(), bytes, sizeof(State)) == 0;
      before_.clear();
      before_.shrink_to_fit();
      quiet_ = 0;
      // looking costs as much as some evaluations: seldom, where it was in vain
      wait_ = asleep_ ? kShortest : (wait_ < kLongest ? 2 * wait_ : wait_);
    } else if (++quiet_ >= wait_) {
      before_.assign(bytes, bytes + sizeof(State));
    }
  }

  static constexpr int kShortest = 8;
  static constexpr int kLongest = 1024;

  bool changed_ = true;
  bool moved_ = true;
  bool asleep_ = false;
  unsigned char clock_ = 0;
  int quiet_ = 0;
  int wait_ = kShortest;
  std::vector<unsigned char> before_;
};

}  // namespace nzflow
