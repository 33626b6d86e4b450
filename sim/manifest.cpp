#include "manifest.h"

#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

namespace nzflow {
namespace {

using Reader = std::function<void(std::istringstream&)>;

template <typename Number>
Reader number(Number& target) {
  return [&target](std::istringstream& line) {
    if (!(line >> target)) throw std::runtime_error("not a number");
  };
}

Reader numbers(std::vector<int>& target) {
  return [&target](std::istringstream& line) {
    for (int value = 0; line >> value;) target.push_back(value);
  };
}

Reader text(std::string& target) {
  return [&target](std::istringstream& line) { std::getline(line >> std::ws, target); };
}

Reader stream_kind(StreamKind& target) {
  return [&target](std::istringstream& line) {
    std::string name;
    line >> name;
    if (name == "tokens") target = StreamKind::kTokens;
    else if (name == "dense") target = StreamKind::kDense;
    else if (name == "logits") target = StreamKind::kLogits;
    else throw std::runtime_error("unknown stream kind");
  };
}

Reader answer(std::vector<AnswerManifest>& target) {
  return [&target](std::istringstream& line) {
    AnswerManifest answer;
    if (!(line >> answer.layer >> answer.channels >> answer.height >> answer.width >>
          answer.beats_per_site)) {
      throw std::runtime_error("not an answer");
    }
    target.push_back(answer);
  };
}

std::map<std::string, Reader> layer_readers(LayerManifest& layer) {
  return {{"engines", number(layer.engines)},
          {"drain_width", number(layer.drain_width)},
          {"drain_beats", number(layer.drain_beats)},
          {"channels", number(layer.channels)},
          {"window_height", number(layer.window_height)},
          {"window_width", number(layer.window_width)},
          {"pool_height", number(layer.pool_height)},
          {"pool_width", number(layer.pool_width)},
          {"pool_step_height", number(layer.pool_step_height)},
          {"pool_step_width", number(layer.pool_step_width)},
          {"pool_by_columns", number(layer.pool_by_columns)},
          {"output_height", number(layer.output_height)},
          {"output_width", number(layer.output_width)},
          {"stream", stream_kind(layer.stream)},
          {"dense_beats", number(layer.dense_beats)},
          {"slots", numbers(layer.slots)},
          {"accumulators", text(layer.accumulators)},
          {"values", text(layer.values)}};
}

std::map<std::string, Reader> top_readers(Manifest& manifest) {
  return {{"copies", number(manifest.copies)},
          {"input_bits", number(manifest.input_bits)},
          {"input_beats", number(manifest.input_beats)},
          {"output_bits", number(manifest.output_bits)},
          {"output_beats", number(manifest.output_beats)},
          {"output_words", number(manifest.output_words)},
          {"samples", number(manifest.samples)},
          {"accumulator_samples", number(manifest.accumulator_samples)},
          {"stimulus", text(manifest.stimulus)},
          {"load_bits", number(manifest.load_bits)},
          {"load_beats", number(manifest.load_beats)},
          {"load", text(manifest.load)},
          {"weight_bits", number(manifest.weight_bits)},
          {"weight_beats", number(manifest.weight_beats)},
          {"weight_rate_beats", number(manifest.weight_rate_beats)},
          {"weight_rate_cycles", number(manifest.weight_rate_cycles)},
          {"weights", text(manifest.weights)},
          {"logits", text(manifest.logits)},
          {"stream_inferences", number(manifest.stream_inferences)},
          {"isolated", numbers(manifest.isolated)},
          {"gap_seed", number(manifest.gap_seed)},
          {"random_state_seed", number(manifest.random_state_seed)},
          {"reset_cycles", number(manifest.reset_cycles)},
          {"settle_cycles", number(manifest.settle_cycles)},
          {"hang_cycles", number(manifest.hang_cycles)},
          {"pipeline_inferences", number(manifest.pipeline_inferences)},
          {"threads", number(manifest.threads)},
          {"answer", answer(manifest.answers)},
          {"result", text(manifest.result)},
          {"logits_out", text(manifest.logits_out)},
          {"waves", text(manifest.waves)}};
}

void check(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(std::string("manifest: ") + what);
}

void check_complete(const Manifest& manifest) {
  check(manifest.copies >= 1, "copies");
  check(manifest.samples >= 1, "samples");
  check(manifest.input_bits >= 1 && manifest.input_beats >= 1, "input");
  check(manifest.output_bits >= 1 && manifest.output_beats >= 1, "output");
  check(manifest.output_words >= 1, "output_words");
  check(manifest.output_bits % 32 == 0, "output_bits is not a multiple of 32");
  check((manifest.load_bits == 0) == manifest.load.empty(), "load");
  check((manifest.weight_bits == 0) == manifest.weights.empty(), "weights");
  check(manifest.weight_bits % 32 == 0, "weight_bits is not a multiple of 32");
  check(manifest.weights.empty() || (manifest.weight_beats >= 1 && manifest.weight_rate_beats >= 1 &&
                                     manifest.weight_rate_cycles >= manifest.weight_rate_beats),
        "weight rate");
  check(manifest.threads >= 1 && manifest.threads <= 256, "threads");
  check(manifest.settle_cycles >= 1, "settle_cycles");
  check(manifest.hang_cycles > manifest.settle_cycles, "hang_cycles");
  check(manifest.accumulator_samples <= manifest.samples, "accumulator_samples");
  for (const int sample : manifest.isolated) {
    check(sample >= 0 && sample < manifest.samples, "isolated sample out of range");
  }
  check(!manifest.layers.empty(), "no layer");
  check(!manifest.answers.empty(), "no answer");
  int words = 0;
  for (const AnswerManifest& answer : manifest.answers) {
    check(answer.layer >= 0 && answer.layer < static_cast<int>(manifest.layers.size()),
          "answer of an unknown layer");
    check(answer.channels >= 1 && answer.sites() >= 1, "answer geometry");
    check(answer.channels <= answer.beats_per_site * (manifest.output_bits / 32),
          "a site of an answer does not fit its beats");
    words += answer.channels * answer.sites();
  }
  check(words == manifest.output_words, "output_words are not those of the answers");
  for (const LayerManifest& layer : manifest.layers) {
    check(layer.sites() >= 1 && layer.channels >= 1, "layer output");
    if (layer.engines == 0) continue;
    check(layer.engines >= 1 && layer.drain_width >= 1 && layer.drain_beats >= 1, "layer engines");
    check(layer.windows() >= 1 && layer.pool() >= 1, "layer geometry");
    check(layer.pool_step_height >= 1 && layer.pool_step_width >= 1, "layer pooling");
    check(layer.slots.size() == static_cast<std::size_t>(layer.drain_beats) *
                                    static_cast<std::size_t>(layer.drain_width),
          "slots are not drain_beats * drain_width");
    for (const int channel : layer.slots) check(channel < layer.channels, "slot channel");
  }
}

}  // namespace

Manifest read_manifest(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  Manifest manifest;
  auto top = top_readers(manifest);
  std::map<std::string, Reader> layer;
  std::string content;
  for (int number = 1; std::getline(file, content); ++number) {
    std::istringstream line(content);
    std::string key;
    if (!(line >> key)) continue;
    try {
      if (key == "layer") {
        manifest.layers.emplace_back();
        layer = layer_readers(manifest.layers.back());
        continue;
      }
      auto& readers = manifest.layers.empty() ? top : layer;
      const auto reader = readers.find(key);
      if (reader == readers.end()) throw std::runtime_error("unknown key " + key);
      reader->second(line);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": " + error.what());
    }
  }
  check_complete(manifest);
  return manifest;
}

}  // namespace nzflow
