#include "output_checker.h"

#include <algorithm>

namespace nzflow {

OutputChecker::OutputChecker(RunState& run)
    // another sequence than the input's, from the same seed
    : run_(run), traffic_(run.manifest.gap_seed == 0 ? 0 : std::uint64_t{run.manifest.gap_seed} << 32),
      sample_wrong_(static_cast<std::size_t>(run.manifest.samples), false),
      held_(static_cast<std::size_t>(run.manifest.output_bits / 32)) {
  words_.reserve(static_cast<std::size_t>(run.manifest.inferences()) *
                 static_cast<std::size_t>(run.manifest.output_words));
}

void OutputChecker::observe(bool valid, bool last, const std::uint32_t* data) {
  if (holding_) {
    if (!valid) protocol("valid falls before the beat is taken", 1, 0);
    else if (last != held_last_) protocol("last changes before the beat is taken", held_last_, last);
    else if (!std::equal(held_.begin(), held_.end(), data)) {
      protocol("data changes before the beat is taken", held_[0], data[0]);
    }
  }
  holding_ = valid && !ready_;
  if (holding_) {
    std::copy_n(data, held_.size(), held_.begin());
    held_last_ = last;
  }
  if (valid && ready_) take(last, data);
}

void OutputChecker::take(bool last, const std::uint32_t* data) {
  run_.last_transfer = run_.cycle;
  if (inference() >= run_.manifest.inferences()) {
    protocol("a beat of an inference that was never sent", 0, 0);
    return;
  }
  words(data);
  const bool should_end = ++beat_ == run_.manifest.output_beats;
  if (last != should_end) protocol("end of an inference", should_end, last);
  if (!should_end) return;
  if (wrong_) {
    ++wrong_inferences_;
    const auto sample = static_cast<std::size_t>(run_.manifest.sample(inference()));
    if (!sample_wrong_[sample]) ++wrong_samples_;
    sample_wrong_[sample] = true;
  }
  wrong_ = false;
  beat_ = 0;
  answer_ = 0;
  word_ = 0;
  completion_.push_back(run_.cycle);
}

void OutputChecker::words(const std::uint32_t* data) {
  if (answer_ == run_.manifest.answers.size()) return;
  const AnswerManifest& answer = run_.manifest.answers[answer_];
  const int per_beat = run_.manifest.output_bits / 32;
  const int first = beat_in_site_ * per_beat;
  for (int channel = first; channel < std::min(first + per_beat, answer.channels); ++channel) {
    word(answer, channel, static_cast<std::int32_t>(data[channel - first]));
  }
  if (++beat_in_site_ < answer.beats_per_site) return;
  beat_in_site_ = 0;
  if (++site_ < answer.sites()) return;
  site_ = 0;
  ++answer_;
  auto& spans = run_.port_spans[static_cast<std::size_t>(answer.layer)];
  const auto at = static_cast<std::size_t>(inference());
  if (at < spans.size()) spans[at].end = std::max(spans[at].end, run_.cycle);
}

void OutputChecker::word(const AnswerManifest& answer, int channel, std::int32_t got) {
  const int sample = run_.manifest.sample(inference());
  const std::int32_t expected = run_.reference.logits(sample)[word_++];
  words_.push_back(got);
  if (got == expected) return;
  wrong_ = true;
  const bool map = answer.sites() > 1;
  run_.port_mismatches.add({Check::kLogit, answer.layer, inference() % run_.manifest.copies, -1,
                       inference(), sample, map ? site_ / answer.width : -1,
                       map ? site_ % answer.width : -1, channel, expected, got, run_.cycle,
                       "output of the network"});
}

void OutputChecker::protocol(const char* what, std::int64_t expected, std::int64_t got) {
  const int at = std::min(inference(), run_.manifest.inferences() - 1);
  const std::size_t answer = std::min(answer_, run_.manifest.answers.size() - 1);
  run_.port_mismatches.add({Check::kProtocol, run_.manifest.answers[answer].layer,
                       at % run_.manifest.copies, -1, at, run_.manifest.sample(at), -1, -1, -1,
                       expected, got, run_.cycle, what});
}

}  // namespace nzflow
