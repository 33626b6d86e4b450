// The verilated kernel with a memory that answers when it likes, started as XRT does it.
//
//   kernel <input.bin> <output.bin> <count> <input address> <output address> <output bytes> <seed>
//          <stalls of 256> <1: a bad response of every kind>
//
// Memory is the input file at its address and zeros elsewhere; after the run the bytes at the output
// address go to the output file, and a line to stdout: cycles, bursts read and written, the error
// register, whether a byte was written outside of the output, and whether the interrupt came.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "Vkernel_test_top.h"
#include "verilated.h"

namespace {

constexpr std::size_t bytes_of_beat = DATA_BITS / 8;

struct Memory {
  std::map<std::uint64_t, std::uint8_t> bytes;
  std::uint8_t at(std::uint64_t place) const {
    const auto found = bytes.find(place);
    return found == bytes.end() ? 0 : found->second;
  }
};

struct Burst {
  std::uint64_t address;
  unsigned beats;
};

class Bench {
 public:
  Bench(std::uint32_t seed, int stalls, bool faulty)
      : stalls_(stalls), faulty_(faulty), state_(seed * 2654435761u + 1) {
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.bready_i = 1;
    top_.rready_i = 1;
    for (int i = 0; i < 20; ++i) cycle();
    top_.rst_ni = 1;
    for (int i = 0; i < 5; ++i) cycle();
  }

  Memory memory;
  std::uint64_t low = 0, high = 0;  // what may be written
  bool outside = false, interrupted = false;
  std::uint64_t cycles = 0;
  unsigned reads = 0, writes = 0;

  void write(unsigned offset, std::uint32_t value) {
    top_.awaddr_i = offset;
    top_.wdata_i = value;
    top_.wstrb_i = 15;
    top_.awvalid_i = top_.wvalid_i = 1;
    bool address = false, data = false;
    for (int patience = 0; patience < 100; ++patience) {
      top_.eval();
      const bool took_address = top_.awvalid_i && top_.awready_o;
      const bool took_data = top_.wvalid_i && top_.wready_o;
      const bool answered = top_.bvalid_o;
      cycle();
      if (took_address) { address = true; top_.awvalid_i = 0; }
      if (took_data) { data = true; top_.wvalid_i = 0; }
      if (answered && address && data) return;
    }
    throw std::runtime_error("a write is not answered");
  }

  std::uint32_t read(unsigned offset) {
    top_.araddr_i = offset;
    top_.arvalid_i = 1;
    for (int patience = 0; patience < 100; ++patience) {
      top_.eval();
      const bool took = top_.arvalid_i && top_.arready_o;
      const bool answered = top_.rvalid_o;
      const std::uint32_t value = top_.rdata_o;
      cycle();
      if (took) top_.arvalid_i = 0;
      if (answered) return value;
    }
    throw std::runtime_error("a read is not answered");
  }

  void wait(unsigned count) { while (count-- > 0) cycle(); }
  void finish() { top_.final(); }

 private:
  Vkernel_test_top top_;
  int stalls_;
  bool faulty_;
  std::uint32_t state_;
  std::deque<Burst> to_read_, to_write_;
  std::deque<std::vector<std::uint8_t>> written_;  // beats whose address is not there yet
  unsigned write_beat_ = 0, data_bursts_ = 0, answered_ = 0;
  unsigned read_beat_ = 0;
  bool beat_ = false, answer_ = false;

  bool stall() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return static_cast<int>(state_ >> 8 & 255) < stalls_;
  }

  // ready and valid for a cycle; what is offered stays until it is taken
  void offer() {
    if (!top_.rst_ni) {
      top_.read_ready_i = top_.write_ready_i = top_.data_ready_i = 0;
      top_.beat_valid_i = top_.answer_valid_i = 0;
      return;
    }
    top_.read_ready_i = !stall();
    top_.write_ready_i = !stall();
    top_.data_ready_i = !stall();
    if (!beat_ && !to_read_.empty() && !stall()) {
      beat_ = true;
      const Burst& burst = to_read_.front();
      const std::uint64_t address = burst.address + read_beat_ * bytes_of_beat;
      std::vector<std::uint32_t> words(bytes_of_beat / 4 + 1, 0);
      for (std::size_t at = 0; at < bytes_of_beat; ++at) {
        words[at / 4] |= static_cast<std::uint32_t>(memory.at(address + at)) << (8 * (at % 4));
      }
      std::memcpy(&top_.beat_data_i, words.data(), bytes_of_beat);
      top_.beat_last_i = read_beat_ + 1 == burst.beats;
      top_.beat_response_i = faulty_ && reads == 1 && read_beat_ == 0 ? 2 : 0;
    }
    top_.beat_valid_i = beat_;
    const bool whole = answered_ < data_bursts_ && answered_ < writes;
    if (!answer_ && whole && !stall()) {
      answer_ = true;
      top_.answer_response_i = faulty_ && answered_ == 0 ? 3 : 0;
    }
    top_.answer_valid_i = answer_;
  }

  void put() {
    while (!to_write_.empty() && !written_.empty()) {
      Burst& burst = to_write_.front();
      const std::uint64_t address = burst.address + write_beat_ * bytes_of_beat;
      for (std::size_t at = 0; at < bytes_of_beat; ++at) {
        if (address + at < low || address + at >= high) outside = true;
        memory.bytes[address + at] = written_.front()[at];
      }
      written_.pop_front();
      if (++write_beat_ == burst.beats) {
        to_write_.pop_front();
        write_beat_ = 0;
      }
    }
  }

  void cycle() {
    offer();
    top_.eval();
    const bool asked = top_.read_valid_o && top_.read_ready_i;
    const bool beat = top_.beat_valid_i && top_.beat_ready_o;
    const bool address = top_.write_valid_o && top_.write_ready_i;
    const bool data = top_.data_valid_o && top_.data_ready_i;
    const bool answer = top_.answer_valid_i && top_.answer_ready_o;
    if (top_.rst_ni) {
      if (asked) { to_read_.push_back({top_.read_address_o, top_.read_length_o + 1u}); ++reads; }
      if (address) { to_write_.push_back({top_.write_address_o, top_.write_length_o + 1u}); ++writes; }
      if (data) {
        std::vector<std::uint8_t> bytes(bytes_of_beat);
        std::memcpy(bytes.data(), &top_.data_o, bytes_of_beat);
        written_.push_back(bytes);
        if (top_.data_last_o) ++data_bursts_;
      }
      if (beat) {
        beat_ = false;
        if (++read_beat_ == to_read_.front().beats) { to_read_.pop_front(); read_beat_ = 0; }
      }
      if (answer) { answer_ = false; ++answered_; }
      put();
      interrupted = interrupted || top_.interrupt_o;
    }
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
    ++cycles;
  }
};

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 0); }

int run(char** arguments) {
  const auto count = static_cast<std::uint32_t>(number(arguments[3]));
  const std::uint64_t input = number(arguments[4]), output = number(arguments[5]);
  const std::uint64_t size = number(arguments[6]);
  Bench bench(static_cast<std::uint32_t>(number(arguments[7])), std::atoi(arguments[8]),
              std::atoi(arguments[9]) != 0);
  std::FILE* file = std::fopen(arguments[1], "rb");
  if (file == nullptr) throw std::runtime_error("cannot read the input");
  for (std::uint64_t at = input;; ++at) {
    const int byte = std::fgetc(file);
    if (byte == EOF) break;
    bench.memory.bytes[at] = static_cast<std::uint8_t>(byte);
  }
  std::fclose(file);
  bench.low = output;
  bench.high = output + size;

  if (bench.read(0x00) != 4) throw std::runtime_error("it is not idle");
  bench.write(0x04, 1);
  bench.write(0x08, 1);
  bench.write(0x10, count);
  bench.write(0x18, static_cast<std::uint32_t>(input));
  bench.write(0x1c, static_cast<std::uint32_t>(input >> 32));
  bench.write(0x24, static_cast<std::uint32_t>(output));
  bench.write(0x28, static_cast<std::uint32_t>(output >> 32));
  if (bench.read(0x10) != count || bench.read(0x28) != output >> 32) {
    throw std::runtime_error("registers do not keep what was written");
  }
  const std::uint64_t begin = bench.cycles;
  bench.write(0x00, 1);
  // a run keeps its own arguments
  if (count > 0) bench.write(0x10, 1);
  std::uint32_t status = 0;
  do {
    bench.wait(20);
    status = bench.read(0x00);
    if (bench.cycles - begin > 4000000) throw std::runtime_error("the kernel does not end");
  } while ((status & 2u) == 0);
  const std::uint64_t taken = bench.cycles - begin;
  if (status != 14 || bench.read(0x00) != 4) throw std::runtime_error("done and ready are wrong");
  if (bench.read(0x0c) != 1) throw std::runtime_error("no interrupt is told");
  const bool interrupted = bench.interrupted;
  bench.write(0x0c, 1);
  if (bench.read(0x0c) != 0) throw std::runtime_error("the interrupt stays");
  const std::uint32_t errors = bench.read(0x30);
  bench.finish();

  file = std::fopen(arguments[2], "wb");
  if (file == nullptr) throw std::runtime_error("cannot write the output");
  for (std::uint64_t at = 0; at < size; ++at) std::fputc(bench.memory.at(output + at), file);
  std::fclose(file);
  std::printf("{\"cycles\": %llu, \"reads\": %u, \"writes\": %u, \"errors\": %u, \"outside\": %s, \"interrupted\": %s}\n",
              static_cast<unsigned long long>(taken), bench.reads, bench.writes, errors,
              bench.outside ? "true" : "false", interrupted ? "true" : "false");
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 10) return 2;
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error %s\n", error.what());
    return 1;
  }
}
