// The C driver on the verilated block: see programs.h.
// Prints one JSON object: words and real numbers of every sample, counters as the registers have
// them and as the probes counted them.

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "axi_block.h"
#include "programs.h"

extern "C" {
#include "nzflow_driver.h"
}

namespace {

using nzflow_test::AxiBlock;

AxiBlock& block(void* context) { return *static_cast<AxiBlock*>(context); }

std::vector<float> read_floats(const char* path, std::size_t count) {
  std::vector<float> values(count);
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr || std::fread(values.data(), 4, count, file) != count) {
    throw std::runtime_error("cannot read the samples");
  }
  std::fclose(file);
  return values;
}

void must(nzflow_result result, const char* what, const AxiBlock& block) {
  if (result == NZFLOW_OK) return;
  throw std::runtime_error(std::string(what) + " says " + std::to_string(result) + " " +
                           block.complaint());
}

template <typename Value>
void list(const char* name, const std::vector<Value>& values, const char* format) {
  std::printf("\"%s\": [", name);
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (at > 0) std::printf(", ");
    std::printf(format, values[at]);
  }
  std::printf("]");
}

void counters(const nzflow_io& io, const AxiBlock& block, std::size_t layers) {
  must(nzflow_snapshot(&io), "snapshot", block);
  std::vector<std::uint64_t> design;
  for (std::uint32_t at = 0; at < NZFLOW_DESIGN_COUNTERS; ++at) {
    design.push_back(nzflow_counter(&io, at));
  }
  list("design", design, "%" PRIu64);
  std::vector<std::uint64_t> read, probed;
  for (std::uint32_t layer = 0; layer < layers; ++layer) {
    for (std::uint32_t at = 0; at < NZFLOW_LAYER_COUNTERS; ++at) {
      read.push_back(nzflow_layer_counter(&io, layer, at));
    }
    const auto& counts = block.counts(layer);
    // a counter is copied as many cycles behind that of the cycles as it has a number
    const auto phase = [&](int number) {
      const std::uint64_t place = NZFLOW_DESIGN_COUNTERS + layer * NZFLOW_LAYER_COUNTERS;
      return block.phase_cycles(layer, number, design[0] + place + static_cast<unsigned>(number));
    };
    for (const std::uint64_t count : {counts.windows, phase(1), phase(2), phase(3), counts.steps,
                                      counts.issues, counts.beats, counts.tokens}) {
      probed.push_back(count);
    }
  }
  std::printf(",\n");
  list("read", read, "%" PRIu64);
  std::printf(",\n");
  list("probed", probed, "%" PRIu64);
}

void run(char** arguments) {
  const auto samples = static_cast<std::size_t>(std::atoi(arguments[2]));
  const auto batch = static_cast<std::uint32_t>(std::atoi(arguments[3]));
  AxiBlock model(static_cast<std::uint32_t>(std::atoi(arguments[4])), std::atoi(arguments[5]),
                 std::atoi(arguments[6]));
  const nzflow_io io = {
      &model,
      [](void* context, std::uint32_t offset) { return block(context).read(offset); },
      [](void* context, std::uint32_t offset, std::uint32_t value) {
        block(context).write(offset, value);
      },
      [](void* context, std::uint8_t* bytes, std::size_t size) {
        block(context).receive_start(bytes, size);
        return 0;
      },
      [](void* context, const std::uint8_t* bytes, std::size_t size) {
        return block(context).send(bytes, size);
      },
      [](void* context) { return block(context).receive_wait(); },
  };
  const std::vector<float> values = read_floats(arguments[1], samples * NZFLOW_INPUT_VALUES);
  must(nzflow_check(&io), "check", model);
  must(nzflow_start(&io, batch), "start", model);
  std::vector<std::uint8_t> input(batch * NZFLOW_INPUT_STRIDE_VALUE);
  std::vector<std::uint8_t> output(batch * NZFLOW_OUTPUT_STRIDE_VALUE);
  std::vector<float> reals(samples * NZFLOW_OUTPUT_WORDS_VALUE);
  std::vector<std::int32_t> words(samples * NZFLOW_OUTPUT_WORDS_VALUE);
  for (std::size_t at = 0; at < samples; at += batch) {
    must(nzflow_infer(&io, batch, values.data() + at * NZFLOW_INPUT_VALUES,
                      reals.data() + at * NZFLOW_OUTPUT_WORDS_VALUE, input.data(), output.data()),
         "infer", model);
    for (std::size_t one = 0; one < batch; ++one) {
      nzflow_dequantise(output.data() + one * NZFLOW_OUTPUT_STRIDE_VALUE,
                        words.data() + (at + one) * NZFLOW_OUTPUT_WORDS_VALUE, nullptr);
    }
  }
  model.wait(20000);
  std::printf("{");
  list("words", words, "%d");
  std::printf(",\n");
  list("reals", reals, "%.9g");
  std::printf(",\n");
  counters(io, model, io.read(io.context, NZFLOW_LAYERS));
  std::printf(",\n\"errors\": %" PRIu32 ", \"status\": %" PRIu32 "}\n", nzflow_errors(&io),
              io.read(io.context, NZFLOW_STATUS));
}

}  // namespace

void nzflow_test::run_driver(char** arguments) { run(arguments); }
