// Evaluates blocks that do not depend on each other within a clock edge on several threads.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace nzflow {

/// A block whose rising edge can be evaluated as soon as its inputs have settled, before the design
/// around it asks for the outputs after the edge.
class EdgeBlock {
 public:
  /// Whether it would do something at the next edge.
  virtual bool wants_edge() const = 0;
  /// Evaluates the edge; the design finds it done. Any thread.
  virtual void edge_ahead() = 0;

 protected:
  ~EdgeBlock() = default;
};

/// The blocks of one parent.
struct BlockFamily {
  /// In the order in which it evaluated them first.
  std::vector<EdgeBlock*> blocks;

  /// Whether threads pay is measured now and then: blocks may be too small for it, or other programs have
  /// the cores.
  enum class Trial { kNone, kAlone, kTogether };
  Trial trial = Trial::kNone;
  /// Edges left until the next trial, or of the one at hand.
  int edges_left = 0;
  /// Of the shortest edge of a trial.
  double seconds_alone = 0, seconds_together = 0;
  bool together = false;
};

/// Threads that wait for edges. One edge at a time; blocks inside a block that is evaluated by the team are
/// evaluated by its thread alone.
class BlockTeam {
 public:
  /// The thread that owns it and `threads - 1` more; 1 leaves everything as it is without a team.
  explicit BlockTeam(int threads);
  ~BlockTeam();
  BlockTeam(const BlockTeam&) = delete;
  BlockTeam& operator=(const BlockTeam&) = delete;

  /// Evaluates the edge of every block of the family that wants it and returns when all are done. Does
  /// nothing without a team, where there are not two of them, or when called by a block that the team
  /// evaluates. Throws what a block throws.
  static void edge(BlockFamily& family);

 private:
  struct Shared;
  void run(const std::vector<EdgeBlock*>& blocks);

  std::unique_ptr<Shared> shared_;
  static BlockTeam* active;
};

}  // namespace nzflow
