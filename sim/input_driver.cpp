#include "input_driver.h"

namespace nzflow {

void InputDriver::step(std::uint64_t completed) {
  const bool go = traffic_.go();
  if (valid_) return;  // a beat that was offered stays
  if (inference_ >= first_beat_.size()) return;
  const auto streamed = static_cast<std::uint64_t>(run_.manifest.stream_inferences);
  if (inference_ >= streamed && beat_ == 0) {
    const bool empty = completed == inference_;
    if (!empty || !run_.still_for(run_.manifest.settle_cycles)) return;
  }
  valid_ = go;
}

void InputDriver::taken() {
  if (beat_ == 0) first_beat_[inference_] = run_.cycle;
  run_.last_transfer = run_.cycle;
  valid_ = false;
  if (++beat_ == run_.manifest.input_beats) {
    beat_ = 0;
    ++inference_;
  }
}

const std::uint32_t* InputDriver::data() const {
  const int sample = run_.manifest.sample(static_cast<int>(inference_));
  return run_.reference.stimulus(sample) +
         static_cast<std::ptrdiff_t>(beat_) * run_.manifest.input_words();
}

}  // namespace nzflow
