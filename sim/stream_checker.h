// Compares every value on the stream that leaves a layer.
#pragma once

#include <cstdint>
#include <vector>

#include "run_state.h"

namespace nzflow {

/// Bits of the beats of a stream.
struct StreamFormat {
  int tokens = 1;
  int channel_bits = 0;
  int value_bits = 0;
  bool value_signed = false;
  bool dense = false;
};

/**
 * Sites come in raster order, inference after inference. Token streams: the non-zero values of a
 * site in any order, each channel at most once. Dense streams: all channels in order, the rest of
 * the last beat 0. `last` is high exactly on the final beat of a site.
 */
class StreamChecker {
 public:
  StreamChecker(RunState& run, int copy, int layer, const StreamFormat& format);

  void beat(bool last, std::uint32_t count, const std::uint32_t* data);

  int copy() const { return copy_; }
  int layer() const { return layer_; }
  std::uint64_t sites_seen() const { return sites_seen_; }

 private:
  void begin_site();
  void tokens(std::uint32_t count, const std::uint32_t* data);
  void dense(const std::uint32_t* data, bool last);
  void end_of_tokens();
  int expected(int channel) const;
  void report(int channel, std::int64_t expected, std::int64_t got, const char* what);

  RunState& run_;
  ProbeState& state_;
  const LayerManifest& plan_;
  int copy_, layer_;
  StreamFormat format_;
  int token_bits_;
  std::uint64_t sites_seen_ = 0;
  bool inside_site_ = false;
  std::uint64_t inference_ = 0;
  int site_ = 0;
  int beat_ = 0;
  /// Expected value of channel 0 at the site, channels sites() apart; null where none is known.
  const std::int16_t* expected_ = nullptr;
  /// Site number + 1 in which a channel came last.
  std::vector<std::uint64_t> seen_in_;
};

}  // namespace nzflow
