// What comes out of the top: logits compared word by word, completion cycles, stream rules.
#pragma once

#include <cstdint>
#include <vector>

#include "run_state.h"
#include "traffic.h"

namespace nzflow {

class OutputChecker {
 public:
  explicit OutputChecker(RunState& run);

  /// Whether to be ready in this cycle; call once a cycle.
  bool step() { return ready_ = traffic_.go(); }
  /// The state of the output in this cycle, before the clock edge.
  void observe(bool valid, bool last, const std::uint32_t* data);

  std::uint64_t completed() const { return completion_.size(); }
  /// Cycle in which each inference gave its last beat.
  const std::vector<std::uint64_t>& completion() const { return completion_; }
  /// int32 [inference][output_words] as received.
  const std::vector<std::int32_t>& received() const { return words_; }
  /// Inferences with a wrong word.
  std::uint64_t wrong_inferences() const { return wrong_inferences_; }
  /// Different samples with a wrong word.
  std::uint64_t wrong_samples() const { return wrong_samples_; }

 private:
  void take(bool last, const std::uint32_t* data);
  /// All words of a beat.
  void words(const std::uint32_t* data);
  void word(const AnswerManifest& answer, int channel, std::int32_t got);
  void protocol(const char* what, std::int64_t expected, std::int64_t got);
  int inference() const { return static_cast<int>(completion_.size()); }

  RunState& run_;
  Traffic traffic_;
  bool ready_ = true;
  std::vector<std::uint64_t> completion_;
  std::vector<std::int32_t> words_;
  int beat_ = 0;
  /// Place of the next beat in the answers of its inference, and number of the next word.
  std::size_t answer_ = 0;
  int site_ = 0;
  int beat_in_site_ = 0;
  int word_ = 0;
  bool wrong_ = false;
  std::uint64_t wrong_inferences_ = 0;
  std::uint64_t wrong_samples_ = 0;
  std::vector<bool> sample_wrong_;
  /// A beat that was offered and not taken, and whether there is one.
  std::vector<std::uint32_t> held_;
  bool holding_ = false;
  bool held_last_ = false;
};

}  // namespace nzflow
