#include "result_writer.h"

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace nzflow {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File open_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr) throw std::runtime_error("cannot write " + path);
  return file;
}

void finish(const File& file, const std::string& path) {
  if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0) {
    throw std::runtime_error("cannot write " + path);
  }
}

/// Calls `item(index)` for 0 .. count-1 with commas in between, in brackets.
template <typename Item>
void list(std::FILE* out, const char* name, std::size_t count, const Item& item) {
  std::fprintf(out, ",\n\"%s\": [", name);
  for (std::size_t index = 0; index < count; ++index) {
    if (index > 0) std::fputs(", ", out);
    item(index);
  }
  std::fputs("]", out);
}

void mismatch(std::FILE* out, const MismatchLog::Entry& entry) {
  const Mismatch& first = entry.first;
  std::fprintf(out,
               "\n  {\"check\": \"%s\", \"layer\": %d, \"count\": %" PRIu64
               ", \"copy\": %d, \"engine\": %d, \"inference\": %d, \"sample\": %d, \"row\": %d"
               ", \"column\": %d, \"channel\": %d, \"expected\": %" PRId64 ", \"got\": %" PRId64
               ", \"cycle\": %" PRIu64 ", \"what\": \"%s\"}",
               check_name(first.check), first.layer, entry.count, first.copy, first.engine,
               first.inference, first.sample, first.row, first.column, first.channel,
               first.expected, first.got, first.cycle, first.what);
}

void activity(std::FILE* out, const LayerActivity& layer) {
  std::fprintf(out,
               "\n  {\"windows\": %" PRIu64 ", \"busyCycles\": %" PRIu64
               ", \"starvedCycles\": %" PRIu64 ", \"blockedCycles\": %" PRIu64
               ", \"steps\": %" PRIu64 ", \"issues\": %" PRIu64 ", \"beats\": %" PRIu64
               ", \"tokens\": %" PRIu64 "}",
               layer.windows, layer.busy_cycles, layer.starved_cycles, layer.blocked_cycles,
               layer.steps, layer.issues, layer.beats, layer.tokens);
}

void spans(std::FILE* out, const RunState& run) {
  const auto spans = run.spans();
  bool any = false;
  std::fputs(",\n\"spans\": [", out);
  for (std::size_t layer = 0; layer < spans.size(); ++layer) {
    for (std::size_t inference = 0; inference < spans[layer].size(); ++inference) {
      const LayerSpan& span = spans[layer][inference];
      if (span.start == UINT64_MAX || span.end < span.start) continue;
      std::fprintf(out, "%s\n  {\"layer\": %zu, \"inference\": %zu, \"start\": %" PRIu64
                   ", \"end\": %" PRIu64 "}", any ? "," : "", layer, inference, span.start,
                   span.end);
      any = true;
    }
  }
  std::fputs("]", out);
}

/// Where every layer of every copy stood, for the message about a hang.
void positions(std::FILE* out, const Simulation& simulation) {
  const Manifest& manifest = simulation.run.manifest;
  const std::size_t layers = manifest.layers.size();
  std::vector<std::uint64_t> windows(layers * static_cast<std::size_t>(manifest.copies), 0);
  std::vector<std::uint64_t> sites(windows.size(), 0);
  const auto at = [&](int copy, int layer) {
    return static_cast<std::size_t>(copy) * layers + static_cast<std::size_t>(layer);
  };
  for (const auto& engine : simulation.probes.engines()) {
    windows[at(engine->copy(), engine->layer())] += engine->windows_ended();
  }
  for (const auto& stream : simulation.probes.streams()) {
    sites[at(stream->copy(), stream->layer())] += stream->sites_seen();
  }
  list(out, "positions", windows.size(), [&](std::size_t index) {
    std::fprintf(out, "\n  {\"copy\": %zu, \"layer\": %zu, \"windows\": %" PRIu64
                 ", \"sites\": %" PRIu64 "}", index / layers, index % layers, windows[index],
                 sites[index]);
  });
}

void write_json(std::FILE* out, const Simulation& simulation, Ending ending) {
  const RunState& run = simulation.run;
  const MismatchLog mismatches = run.mismatches();
  const auto& completion = simulation.output.completion();
  std::fprintf(out, "{\n\"resultVersion\": 1,\n\"ending\": \"%s\"",
               ending == Ending::kComplete ? "complete" : "hang");
  std::fprintf(out, ",\n\"cycles\": %" PRIu64 ",\n\"seconds\": %.3f", run.cycle,
               simulation.seconds);
  std::fprintf(out, ",\n\"loadCycles\": %" PRIu64, simulation.load_cycles);
  std::fprintf(out, ",\n\"weightBeats\": %" PRIu64, simulation.weight_beats);
  std::fprintf(out, ",\n\"inferencesSent\": %" PRIu64, simulation.input.sent());
  std::fprintf(out, ",\n\"wrongInferences\": %" PRIu64 ",\n\"wrongSamples\": %" PRIu64,
               simulation.output.wrong_inferences(), simulation.output.wrong_samples());
  std::fprintf(out,
               ",\n\"accumulatorsCompared\": %" PRIu64 ",\n\"sitesCompared\": %" PRIu64
               ",\n\"valuesCompared\": %" PRIu64 ",\n\"mismatchTotal\": %" PRIu64,
               run.total(&ProbeState::accumulators_compared), run.total(&ProbeState::sites_compared),
               run.total(&ProbeState::values_compared), mismatches.total());
  std::vector<MismatchLog::Entry> entries;
  for (const auto& entry : mismatches.entries()) entries.push_back(entry.second);
  list(out, "mismatches", entries.size(), [&](std::size_t at) { mismatch(out, entries[at]); });
  list(out, "firstInput", completion.size(), [&](std::size_t at) {
    std::fprintf(out, "%" PRIu64, simulation.input.first_beat()[at]);
  });
  list(out, "lastOutput", completion.size(),
       [&](std::size_t at) { std::fprintf(out, "%" PRIu64, completion[at]); });
  list(out, "layers", simulation.stream_activity.size(),
       [&](std::size_t at) { activity(out, simulation.stream_activity[at]); });
  spans(out, run);
  positions(out, simulation);
  std::fputs("\n}\n", out);
}

}  // namespace

void write_result(const Simulation& simulation, Ending ending) {
  const Manifest& manifest = simulation.run.manifest;
  const File logits = open_file(manifest.logits_out);
  const auto& words = simulation.output.received();
  std::fwrite(words.data(), sizeof(words[0]), words.size(), logits.get());
  finish(logits, manifest.logits_out);
  const File json = open_file(manifest.result);
  write_json(json.get(), simulation, ending);
  finish(json, manifest.result);
}

}  // namespace nzflow
