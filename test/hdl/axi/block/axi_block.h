// The verilated nzflow_axi as software sees it: registers and packets, with random stalls.
#pragma once

#include <verilated.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "Vaxi_test_top.h"

namespace nzflow_test {

/// What the probes of a layer counted, engine by engine: phases until a cycle, the rest in all.
struct LayerCounts {
  std::uint64_t windows = 0, steps = 0, issues = 0, beats = 0, tokens = 0;
};

class AxiBlock {
 public:
  /// `stalls`: of 256 cycles so many in which a side does not offer or take; `copies` of the design.
  AxiBlock(std::uint32_t seed, int stalls, int copies);
  ~AxiBlock();

  std::uint32_t read(std::uint32_t offset);
  void write(std::uint32_t offset, std::uint32_t value, std::uint32_t strobes = 15);

  /// Where the next packet goes; it has to have `size` bytes.
  void receive_start(std::uint8_t* bytes, std::size_t size);
  /// A packet, or (`end` false) the beginning of one.
  int send(const std::uint8_t* bytes, std::size_t size, bool end = true);
  int receive_wait();
  void wait(std::uint64_t cycles);

  /// Cycles in a phase (1 busy, 2 starved, 3 blocked) of the engines of a layer that a counter
  /// copied behind `counted` cycles of the block has seen.
  std::uint64_t phase_cycles(std::size_t layer, int phase, std::uint64_t counted) const;
  const LayerCounts& counts(std::size_t layer) const;
  /// Why the last packet was not as it should be; empty where it was.
  const std::string& complaint() const { return complaint_; }

  // the probes
  int add_engine(const std::string& instance);
  int add_stream(const std::string& instance);
  void phase(int engine, unsigned phase);
  void windows_end(int engine, int windows);
  /// Since reset.
  void steps(int engine, unsigned steps, unsigned issues);
  void tokens(int stream, unsigned count);

  static AxiBlock* active;

 private:
  struct Change {
    std::uint64_t cycle;
    unsigned phase;
  };
  struct Engine {
    int copy;
    std::size_t layer;
    std::vector<Change> changes;
    unsigned steps = 0, issues = 0;
  };

  void tick();
  bool luck();
  LayerCounts& layer(std::size_t index);
  bool fail(const std::string& why);

  VerilatedContext context_;
  std::unique_ptr<Vaxi_test_top> top_;
  std::uint64_t random_;
  int stalls_;
  int copies_;
  // rising edges with the reset released
  std::uint64_t cycle_ = 0;
  std::vector<Engine> engines_;
  std::vector<std::size_t> streams_;
  std::vector<LayerCounts> layers_;

  // the write, the read and the beats on their way
  bool write_address_left_ = false, write_data_left_ = false, write_open_ = false;
  bool read_left_ = false, read_open_ = false;
  std::uint32_t read_data_ = 0;
  const std::uint8_t* send_ = nullptr;
  std::size_t send_size_ = 0, sent_ = 0;
  bool send_end_ = true;
  std::uint8_t* receive_ = nullptr;
  std::size_t receive_size_ = 0, received_ = 0;
  bool receive_done_ = false;
  std::string complaint_;
};

}  // namespace nzflow_test
