#include "simulation.h"

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "Vnzflow_top.h"
#include "block_team.h"
#include "top_port.h"
#include "waves.h"

namespace nzflow {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// `progress <inferences done> <inferences> <cycle>` on stderr, a few times a second.
class ProgressLines {
 public:
  void maybe(const Simulation& simulation) {
    if ((simulation.run.cycle & 0xff) != 0 || seconds_since(printed_) < 0.2) return;
    print(simulation);
  }
  void print(const Simulation& simulation) {
    printed_ = Clock::now();
    std::fprintf(stderr, "progress %llu %d %llu\n",
                 static_cast<unsigned long long>(simulation.output.completed()),
                 simulation.run.manifest.inferences(),
                 static_cast<unsigned long long>(simulation.run.cycle));
  }

 private:
  Clock::time_point printed_ = Clock::now();
};

class Bench {
 public:
  explicit Bench(Simulation& simulation)
      : simulation_(simulation), manifest_(simulation.run.manifest),
        context_(make_context(manifest_)),
        top_(std::make_unique<Vnzflow_top>(context_.get(), "TOP")),
        out_data_(static_cast<std::size_t>(manifest_.output_bits / 32)) {}

  Ending run() {
    waves_.open(*top_, manifest_.waves);
    reset();
    simulation_.probes.check_complete();
    if (!loads(*top_)) return Ending::kRefused;
    const auto inferences = static_cast<std::uint64_t>(manifest_.inferences());
    while (simulation_.output.completed() < inferences) {
      if (simulation_.run.hangs()) return Ending::kHang;
      cycle();
      snapshot();
      progress_.maybe(simulation_);
    }
    progress_.print(simulation_);
    top_->final();
    return Ending::kComplete;
  }

 private:
  /// Registers start at 0, as a configured FPGA has them, or with random contents.
  static std::unique_ptr<VerilatedContext> make_context(const Manifest& manifest) {
    auto context = std::make_unique<VerilatedContext>();
    context->randReset(manifest.random_state_seed == 0 ? 0 : 2);
    context->randSeed(static_cast<int>(manifest.random_state_seed & 0x7fffffff));
    // copies that were verilated apart are made in the context of the thread
    Verilated::threadContextp(context.get());
    return context;
  }

  /// Loads the weights of a design that takes them; false where it refuses them. Without gaps inferences
  /// are offered afterwards, with gaps meanwhile: the design has to let them wait.
  template <typename Top>
  bool loads(const Top& top) {
    if constexpr (LoadPorts<Top>::kPresent) {
      if (manifest_.load.empty()) throw std::runtime_error("the design needs weights to load");
      const std::uint64_t start = simulation_.run.cycle;
      while (top.loaded_o == 0) {
        if (top.load_error_o != 0 || simulation_.run.hangs()) return false;
        cycle();
      }
      simulation_.load_cycles = simulation_.run.cycle - start;
    } else if (!manifest_.load.empty()) {
      throw std::runtime_error("the design has no load stream");
    }
    return true;
  }

  /// The load stream in this cycle; templates, as a design of fixed weights has no such ports.
  template <typename Top>
  void drive_load(Top& top) {
    if constexpr (LoadPorts<Top>::kPresent) {
      LoadDriver& load = simulation_.load;
      load.step();
      top.load_valid_i = load.valid();
      if (!load.valid()) return;
      top.load_last_i = load.last();
      write_port(top.load_data_i, load.data());
    }
  }
  template <typename Top>
  void observe_load(const Top& top) {
    if constexpr (LoadPorts<Top>::kPresent) {
      if (simulation_.load.valid() && top.load_ready_o != 0) simulation_.load.taken();
    }
  }

  /// The weight stream in this cycle.
  template <typename Top>
  void drive_weights(Top& top) {
    if constexpr (WeightPorts<Top>::kPresent) {
      WeightDriver& weights = simulation_.weights;
      if (manifest_.weights.empty()) throw std::runtime_error("the design needs streamed weights");
      weights.step();
      top.weight_valid_i = weights.valid();
      if (weights.valid()) write_port(top.weight_data_i, weights.data());
    } else if (!manifest_.weights.empty()) {
      throw std::runtime_error("the design has no weight stream");
    }
  }
  template <typename Top>
  void observe_weights(const Top& top) {
    if constexpr (WeightPorts<Top>::kPresent) {
      if (simulation_.weights.valid() && top.weight_ready_o != 0) simulation_.weights.taken();
    }
  }

  void half(int clock) {
    top_->clk_i = static_cast<CData>(clock);
    top_->eval();
    waves_.dump(simulation_.run.cycle * 2 + static_cast<std::uint64_t>(clock));
  }

  template <typename Top>
  void offer_nothing(Top& top) {
    if constexpr (LoadPorts<Top>::kPresent) top.load_valid_i = 0;
    if constexpr (WeightPorts<Top>::kPresent) top.weight_valid_i = 0;
  }

  void reset() {
    offer_nothing(*top_);
    top_->rst_ni = 0;
    top_->in_valid_i = 0;
    top_->in_last_i = 0;
    top_->out_ready_i = 0;
    for (int count = 0; count < manifest_.reset_cycles; ++count) {
      half(0);
      half(1);
      ++simulation_.run.cycle;
    }
    top_->rst_ni = 1;
    simulation_.run.last_transfer = simulation_.run.cycle;
  }

  void cycle() {
    RunState& run = simulation_.run;
    InputDriver& input = simulation_.input;
    OutputChecker& output = simulation_.output;
    drive_load(*top_);
    drive_weights(*top_);
    const bool may_offer = simulation_.load.done() || manifest_.gap_seed != 0;
    if (may_offer) input.step(output.completed());
    top_->in_valid_i = input.valid();
    if (input.valid()) {
      top_->in_last_i = input.last();
      write_port(top_->in_data_i, input.data());
    }
    top_->out_ready_i = output.step();
    half(0);
    const bool taken = input.valid() && top_->in_ready_o != 0;
    const bool valid = top_->out_valid_o != 0;
    if (valid) read_port(top_->out_data_o, out_data_.data());
    output.observe(valid, valid && top_->out_last_o != 0, out_data_.data());
    if (taken) input.taken();
    observe_load(*top_);
    observe_weights(*top_);
    half(1);
    ++run.cycle;
  }

  void snapshot() {
    if (!simulation_.stream_activity.empty()) return;
    const auto streamed = static_cast<std::uint64_t>(manifest_.stream_inferences);
    if (simulation_.output.completed() >= streamed) {
      simulation_.stream_activity = simulation_.run.activity();
      simulation_.weight_beats = simulation_.weights.count();
    }
  }

  Simulation& simulation_;
  const Manifest& manifest_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vnzflow_top> top_;
  std::vector<std::uint32_t> out_data_;
  Waves waves_;
  ProgressLines progress_;
};

}  // namespace

Ending simulate(Simulation& simulation) {
  Probes::active = &simulation.probes;
  const auto start = Clock::now();
  BlockTeam team(simulation.run.manifest.threads);
  auto bench = std::make_unique<Bench>(simulation);
  const Ending ending = bench->run();
  if (simulation.stream_activity.empty()) simulation.stream_activity = simulation.run.activity();
  simulation.seconds = seconds_since(start);
  return ending;
}

}  // namespace nzflow
