#include "stream_checker.h"

#include <algorithm>

#include "bit_field.h"

namespace nzflow {

StreamChecker::StreamChecker(RunState& run, int copy, int layer, const StreamFormat& format)
    : run_(run), state_(run.add_probe(layer)), plan_(run.manifest.layers[static_cast<std::size_t>(layer)]), copy_(copy),
      layer_(layer), format_(format),
      token_bits_(format.value_bits + (format.dense ? 0 : format.channel_bits)),
      seen_in_(static_cast<std::size_t>(plan_.channels), 0) {}

void StreamChecker::begin_site() {
  inside_site_ = true;
  beat_ = 0;
  const auto sites = static_cast<std::uint64_t>(plan_.sites());
  site_ = static_cast<int>(sites_seen_ % sites);
  inference_ = sites_seen_ / sites * static_cast<std::uint64_t>(run_.manifest.copies) +
               static_cast<std::uint64_t>(copy_);
  expected_ = nullptr;
  // a site that lies in the padding needs no input: it may run ahead of the last inference
  if (inference_ >= static_cast<std::uint64_t>(run_.manifest.inferences())) return;
  // a layer without engines begins with what it gives
  LayerSpan* span = plan_.engines == 0 ? state_.span(inference_) : nullptr;
  if (span != nullptr) span->start = std::min(span->start, run_.cycle);
  const int sample = run_.manifest.sample(static_cast<int>(inference_));
  const std::int16_t* map = run_.reference.values(layer_, sample);
  if (map != nullptr) expected_ = map + site_;
}

int StreamChecker::expected(int channel) const {
  return expected_[static_cast<std::ptrdiff_t>(channel) * plan_.sites()];
}

void StreamChecker::beat(bool last, std::uint32_t count, const std::uint32_t* data) {
  state_.last_progress = run_.cycle;
  LayerActivity& activity = state_.activity;
  ++activity.beats;
  activity.tokens += count;
  if (!inside_site_) begin_site();
  if (expected_ != nullptr) {
    if (format_.dense) dense(data, last);
    else tokens(count, data);
  }
  ++beat_;
  if (!last) return;
  if (expected_ != nullptr) {
    if (!format_.dense) end_of_tokens();
    ++state_.sites_compared;
  }
  if (LayerSpan* span = state_.span(inference_)) span->end = std::max(span->end, run_.cycle);
  inside_site_ = false;
  ++sites_seen_;
}

void StreamChecker::tokens(std::uint32_t count, const std::uint32_t* data) {
  if (count > static_cast<std::uint32_t>(format_.tokens)) {
    report(-1, format_.tokens, count, "more tokens than a beat holds");
    return;
  }
  for (int token = 0; token < static_cast<int>(count); ++token) {
    const int low = token * token_bits_;
    const std::int64_t got = format_.value_signed
                                 ? std::int64_t{signed_bit_field(data, low, format_.value_bits)}
                                 : std::int64_t{bit_field(data, low, format_.value_bits)};
    const auto channel =
        static_cast<int>(bit_field(data, low + format_.value_bits, format_.channel_bits));
    if (channel >= plan_.channels) {
      report(channel, plan_.channels - 1, channel, "channel number out of range");
      continue;
    }
    auto& seen = seen_in_[static_cast<std::size_t>(channel)];
    if (seen == sites_seen_ + 1) report(channel, expected(channel), got, "channel sent twice");
    seen = sites_seen_ + 1;
    if (got != expected(channel)) report(channel, expected(channel), got, "value of a token");
    else if (got == 0) report(channel, 0, 0, "a token of value 0");
  }
}

void StreamChecker::end_of_tokens() {
  state_.values_compared += static_cast<std::uint64_t>(plan_.channels);
  for (int channel = 0; channel < plan_.channels; ++channel) {
    if (seen_in_[static_cast<std::size_t>(channel)] == sites_seen_ + 1) continue;
    if (expected(channel) != 0) report(channel, expected(channel), 0, "token is missing");
  }
}

void StreamChecker::dense(const std::uint32_t* data, bool last) {
  const bool should_end = beat_ + 1 == plan_.dense_beats;
  if (last != should_end) report(-1, should_end, last, "end of a site");
  for (int position = 0; position < format_.tokens; ++position) {
    const int channel = beat_ * format_.tokens + position;
    const int low = position * token_bits_;
    const std::int64_t got = format_.value_signed
                                 ? std::int64_t{signed_bit_field(data, low, format_.value_bits)}
                                 : std::int64_t{bit_field(data, low, format_.value_bits)};
    const std::int64_t wanted = channel < plan_.channels ? expected(channel) : 0;
    ++state_.values_compared;
    if (got != wanted) report(channel, wanted, got, "value of a dense stream");
  }
}

void StreamChecker::report(int channel, std::int64_t expected, std::int64_t got,
                           const char* what) {
  const int sample = run_.manifest.sample(static_cast<int>(inference_));
  state_.mismatches.add({Check::kStream, layer_, copy_, -1, static_cast<int>(inference_), sample,
                       site_ / plan_.output_width, site_ % plan_.output_width, channel, expected,
                       got, run_.cycle, what});
}

}  // namespace nzflow
