// Leaves a block alone that stands still: its code is not run while nothing in it can change.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "block_team.h"

namespace nzflow {

/// Evaluations of blocks and calls of probes so far: what an evaluation does beside changing its
/// own state. Blocks inside a block are evaluated within its evaluation, by the same thread or before.
inline thread_local std::uint64_t block_events = 0;

/// The blocks that are in no other one.
inline const std::shared_ptr<BlockFamily>& outermost_blocks() {
  static const auto blocks = std::make_shared<BlockFamily>();
  return blocks;
}
/// The blocks inside the one that this thread evaluates; null outside of all.
inline thread_local const std::shared_ptr<BlockFamily>* family_at_hand = nullptr;

/// Decides when a verilated block with registers of one clock has to be evaluated: of its rising edge, or with
/// `Falls` of both.
///
/// Not when no input changed since it was. And not at the edges of the clock while it is asleep: two
/// cycles in a row left the same state, bit for bit, with the same inputs, without an evaluation of
/// a block inside and without a probe being called. All further cycles are equal to these two until
/// an input changes, which wakes it. Nothing is guessed: a counter that runs keeps its block awake.
///
/// At a rising edge, blocks of one parent do not depend on each other: the inputs of all have settled, and
/// none changes before every block of the parent that has it as input has been evaluated. The first that is asked
/// has all of them evaluated, by as many threads as there are (block_team.h).
///
/// `Model` has `clk_i` and `eval()`; `State` is everything it remembers, in one piece.
template <typename Model, typename State, bool Falls = false>
class StillBlock final : public EdgeBlock {
 public:
  StillBlock() = default;
  StillBlock(const StillBlock&) = delete;
  StillBlock& operator=(const StillBlock&) = delete;
  ~StillBlock() {
    if (family_ == nullptr) return;
    const EdgeBlock* self = this;
    auto& blocks = family_->blocks;
    blocks.erase(std::remove(blocks.begin(), blocks.end(), self), blocks.end());
  }

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
    // edges it slept through went unseen and did nothing: the level is what counts
    if (Falls && asleep_ && clock_ == 0 && seen_ != nullptr) *seen_ = 0;
    asleep_ = false;
    model.clk_i = clock_;
    evaluate(model);
  }

  /// The clock gets this level. Where a falling edge does nothing but to be followed by a rising one, it is left
  /// until then. `seen` is where the model keeps the level of its last evaluation: then such edges need none.
  template <typename Level>
  void clock(Model& model, const State& state, Level level, unsigned char* seen = nullptr) {
    clock_ = static_cast<unsigned char>(level & 1);
    if (clock_ == 0) {
      if (Falls && !asleep_) {
        model.clk_i = 0;
        evaluate(model);
      }
      return;
    }
    // the family is complete when the first edge is over
    if (family_ == nullptr) join_family(model, state, seen);
    else if (!ahead_ && !asleep_) BlockTeam::edge(*family_);
    // first: the edge at which it fell asleep was one
    if (ahead_) ++block_events;
    else if (!asleep_) edge();
    ahead_ = false;
  }

  /// A number for the order of evaluations, greater after one that did something. It is kept by the block
  /// around, which could never stand still if it grew on its own.
  long long number(long long& next) const { return asleep_ ? next : next++; }

  bool asleep() const { return asleep_; }

 private:
  bool wants_edge() const override { return !asleep_; }

  void edge_ahead() override {
    edge();
    ahead_ = true;
  }

  void join_family(Model& model, const State& state, unsigned char* seen) {
    family_ = family_at_hand != nullptr ? *family_at_hand : outermost_blocks();
    family_->blocks.push_back(this);
    model_ = &model;
    state_ = &state;
    seen_ = seen;
  }

  void edge() {
    Model& model = *model_;
    if (!Falls && seen_ != nullptr) {
      *seen_ = 0;
    } else if (model.clk_i != 0) {
      model.clk_i = 0;
      evaluate(model);
    }
    model.clk_i = 1;
    evaluate(model);
    end_cycle(*state_);
  }

  void evaluate(Model& model) {
    const std::uint64_t before = block_events;
    const auto* around = std::exchange(family_at_hand, &inside_);
    model.eval();
    family_at_hand = around;
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
  /// Its edge has been evaluated and was not yet asked for.
  bool ahead_ = false;
  unsigned char clock_ = 0;
  int quiet_ = 0;
  int wait_ = kShortest;
  std::vector<unsigned char> before_;
  Model* model_ = nullptr;
  const State* state_ = nullptr;
  unsigned char* seen_ = nullptr;
  /// Of the same parent, and of this one.
  std::shared_ptr<BlockFamily> family_;
  std::shared_ptr<BlockFamily> inside_ = std::make_shared<BlockFamily>();
};

}  // namespace nzflow
