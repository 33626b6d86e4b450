#include "reference.h"

namespace nzflow {
namespace {

std::size_t size(int value) { return static_cast<std::size_t>(value); }

}  // namespace

Reference::Reference(const Manifest& manifest) : manifest_(manifest) {
  const std::size_t samples = size(manifest.samples);
  stimulus_ = BinaryFile(manifest.stimulus, samples * size(manifest.input_beats) *
                                                size(manifest.input_words()) * 4);
  logits_ = BinaryFile(manifest.logits, samples * size(manifest.output_words) * 4);
  for (const LayerManifest& layer : manifest.layers) {
    const std::size_t sums = size(layer.channels) * size(layer.windows());
    const std::size_t outputs = size(layer.channels) * size(layer.sites());
    accumulators_.push_back(layer.accumulators.empty()
                                ? BinaryFile()
                                : BinaryFile(layer.accumulators,
                                             size(manifest.accumulator_samples) * sums * 4));
    values_.push_back(layer.values.empty() ? BinaryFile()
                                           : BinaryFile(layer.values, samples * outputs * 2));
  }
}

const std::uint32_t* Reference::stimulus(int sample) const {
  return stimulus_.as<std::uint32_t>() +
         size(sample) * size(manifest_.input_beats) * size(manifest_.input_words());
}

const std::int32_t* Reference::logits(int sample) const {
  return logits_.as<std::int32_t>() + size(sample) * size(manifest_.output_words);
}

const std::int32_t* Reference::accumulators(int layer, int sample) const {
  const LayerManifest& plan = manifest_.layers[size(layer)];
  const auto* data = accumulators_[size(layer)].as<std::int32_t>();
  if (data == nullptr || sample >= manifest_.accumulator_samples) return nullptr;
  return data + size(sample) * size(plan.channels) * size(plan.windows());
}

const std::int16_t* Reference::values(int layer, int sample) const {
  const LayerManifest& plan = manifest_.layers[size(layer)];
  const auto* data = values_[size(layer)].as<std::int16_t>();
  if (data == nullptr) return nullptr;
  return data + size(sample) * size(plan.channels) * size(plan.sites());
}

}  // namespace nzflow
