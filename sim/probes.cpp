#include "probes.h"

#include <svdpi.h>

#include <stdexcept>

#include "probe_registration.h"
#include "still_block.h"

namespace nzflow {

Probes* Probes::active = nullptr;

namespace {

/// The number behind `key` in a hierarchical name, `gen_copy[3].u_layer1` or
/// `gen_copy__BRA__3__KET__`; -1 when it is not there.
int number_after(const std::string& name, const std::string& key) {
  const std::size_t at = name.find(key);
  if (at == std::string::npos) return -1;
  std::size_t digit = at + key.size();
  for (const char* open : {"[", "__BRA__"}) {
    if (name.compare(digit, std::string(open).size(), open) == 0) digit += std::string(open).size();
  }
  int value = -1;
  for (; digit < name.size() && name[digit] >= '0' && name[digit] <= '9'; ++digit) {
    value = (value < 0 ? 0 : value * 10) + (name[digit] - '0');
  }
  return value;
}

int required(const std::string& name, const char* key, int limit) {
  const int value = number_after(name, key);
  if (value < 0 || value >= limit) {
    throw std::runtime_error("instance " + name + " has no valid " + key);
  }
  return value;
}

}  // namespace

int Probes::add_engine(const std::string& instance, int drain_width, int sum_bits) {
  const Manifest& manifest = run_.manifest;
  const int copy = required(instance, "gen_copy", manifest.copies);
  const int layer = required(instance, "u_layer", static_cast<int>(manifest.layers.size()));
  const LayerManifest& plan = manifest.layers[static_cast<std::size_t>(layer)];
  // the probe of a wired layer stands in the layer itself
  const bool whole_layer = plan.engines == 1 && number_after(instance, "gen_engine") < 0;
  const int engine = whole_layer ? 0 : required(instance, "gen_engine", plan.engines);
  if (drain_width != plan.drain_width || sum_bits < 1 || sum_bits > 32) {
    throw std::runtime_error("instance " + instance + " does not drain as the plan says");
  }
  engines_.push_back(std::make_unique<EngineChecker>(run_, copy, layer, engine, sum_bits));
  return static_cast<int>(engines_.size()) - 1;
}

int Probes::add_stream(const std::string& instance, const StreamFormat& format) {
  const Manifest& manifest = run_.manifest;
  const int copy = required(instance, "gen_copy", manifest.copies);
  const int layer = required(instance, "u_layer", static_cast<int>(manifest.layers.size()));
  const LayerManifest& plan = manifest.layers[static_cast<std::size_t>(layer)];
  if (format.dense != (plan.stream == StreamKind::kDense)) {
    throw std::runtime_error("instance " + instance + " does not stream as the plan says");
  }
  streams_.push_back(std::make_unique<StreamChecker>(run_, copy, layer, format));
  return static_cast<int>(streams_.size()) - 1;
}

void Probes::check_complete() const {
  std::size_t engines = 0;
  std::size_t streams = 0;
  for (const LayerManifest& layer : run_.manifest.layers) {
    engines += static_cast<std::size_t>(layer.engines);
    streams += layer.stream == StreamKind::kLogits ? 0 : 1;
  }
  const auto copies = static_cast<std::size_t>(run_.manifest.copies);
  if (engines_.size() != engines * copies || streams_.size() != streams * copies) {
    throw std::runtime_error("the design has " + std::to_string(engines_.size()) +
                             " engine and " + std::to_string(streams_.size()) +
                             " stream probes, the plan " + std::to_string(engines * copies) +
                             " and " + std::to_string(streams * copies));
  }
}

}  // namespace nzflow

using nzflow::Probes;

extern "C" int nzflow_register_engine(const char* instance, int drain_width, int sum_bits) {
  return Probes::active->add_engine(instance, drain_width, sum_bits);
}

extern "C" int nzflow_register_stream(const char* instance, int tokens, int channel_bits,
                                      int value_bits, int value_signed, int dense) {
  return Probes::active->add_stream(
      instance, {tokens, channel_bits, value_bits, value_signed != 0, dense != 0});
}

extern "C" void nzflow_sums(int probe, const svBitVecVal* sums) {
  ++nzflow::block_events;
  Probes::active->engine(probe).sums(sums);
}

extern "C" void nzflow_phase(int probe, unsigned int phase) {
  ++nzflow::block_events;
  Probes::active->engine(probe).begins(static_cast<nzflow::Phase>(phase));
}

extern "C" void nzflow_windows_end(int probe, int windows, unsigned int steps,
                                   unsigned int issues) {
  ++nzflow::block_events;
  Probes::active->engine(probe).windows_end(windows, {steps, issues});
}

extern "C" void nzflow_tokens(int probe, unsigned int last, unsigned int count,
                              const svBitVecVal* data) {
  ++nzflow::block_events;
  Probes::active->stream(probe).beat(last != 0, count, data);
}
