// What to simulate and what to expect: the text file the compiler writes for every run.
//
// One `key value...` per line; paths run to the end of the line. `layer` opens a layer, the keys
// after it belong to it. An unknown or missing key is an error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nzflow {

enum class StreamKind { kTokens, kDense, kLogits };

struct LayerManifest {
  /// 0 for a layer without engines: then nothing is said about windows and drains.
  int engines = 0;
  int drain_width = 0;
  int drain_beats = 0;
  int channels = 0;
  int window_height = 0, window_width = 0;
  int pool_height = 0, pool_width = 0;
  /// Windows between the first windows of neighbouring output sites.
  int pool_step_height = 0, pool_step_width = 0;
  /// 1: the windows of a site come column by column, else row by row.
  int pool_by_columns = 0;
  int output_height = 0, output_width = 0;
  StreamKind stream = StreamKind::kTokens;
  /// Beats of a site of a dense stream.
  int dense_beats = 0;
  /// Drain slot (beat * drain_width + position) to output channel, -1 where unused.
  std::vector<int> slots;
  /// int32 [sample][channel][window row][window column], first accumulator_samples samples;
  /// empty where sums are not compared.
  std::string accumulators;
  /// int16 [sample][channel][row][column] of the output; empty where sums are an answer.
  std::string values;

  int sites() const { return output_height * output_width; }
  int windows() const { return window_height * window_width; }
  int pool() const { return pool_height * pool_width; }
};

/// A result of a layer in the output of the design: sites in raster order, channels in order.
struct AnswerManifest {
  int layer = 0;
  int channels = 0;
  int height = 0, width = 0;
  int beats_per_site = 0;

  int sites() const { return height * width; }
};

struct Manifest {
  int copies = 0;
  int input_bits = 0, input_beats = 0;
  int output_bits = 0, output_beats = 0, output_words = 0;
  int samples = 0, accumulator_samples = 0;
  /// uint32 [sample][beat][ceil(input_bits / 32)], least significant word first.
  std::string stimulus;
  /// Bits and beats of the load stream; 0 for a design of fixed weights.
  int load_bits = 0, load_beats = 0;
  /// uint32 [beat][ceil(load_bits / 32)], least significant word first.
  std::string load;
  /// Bits and beats of a period of the weight stream; 0 where the device holds all weights.
  int weight_bits = 0, weight_beats = 0;
  /// So many of its beats in so many cycles, at most.
  std::uint64_t weight_rate_beats = 0, weight_rate_cycles = 0;
  /// Beats of a period, weight_bits / 8 bytes each, low byte first.
  std::string weights;
  /// int32 [sample][output_words].
  std::string logits;
  /// Inferences streamed back to back, samples 0, 1, ... repeated.
  int stream_inferences = 0;
  /// Samples sent alone afterwards.
  std::vector<int> isolated;
  /// 0: input always valid, output always ready. Else seed of gaps and back-pressure.
  std::uint32_t gap_seed = 0;
  /// 0: registers start at 0. Else seed of their contents before reset.
  std::uint32_t random_state_seed = 0;
  int reset_cycles = 32;
  /// So long without a lane step or other movement, and nothing can move any more without new input.
  std::uint64_t settle_cycles = 0;
  std::uint64_t hang_cycles = 0;
  int pipeline_inferences = 0;
  /// That evaluate copies of the network at once, at most.
  int threads = 1;
  std::string result, logits_out;
  /// Empty for none.
  std::string waves;
  /// In the order of the output.
  std::vector<AnswerManifest> answers;
  std::vector<LayerManifest> layers;

  int input_words() const { return (input_bits + 31) / 32; }
  int load_words() const { return (load_bits + 31) / 32; }
  int weight_words() const { return weight_bits / 32; }
  int inferences() const { return stream_inferences + static_cast<int>(isolated.size()); }
  /// Sample of the n-th inference of the run.
  int sample(int inference) const {
    return inference < stream_inferences
               ? inference % samples
               : isolated[static_cast<std::size_t>(inference - stream_inferences)];
  }
};

/// Throws std::runtime_error naming the line that is wrong.
Manifest read_manifest(const std::string& path);

}  // namespace nzflow
