#include "axi_block.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <svdpi.h>

namespace nzflow_test {

AxiBlock* AxiBlock::active = nullptr;

namespace {

constexpr std::size_t kBytes = DATA_BITS / 8;
// cycles without an end in sight
constexpr std::uint64_t kPatience = 2'000'000;

/// The number behind `key` in a hierarchical name: `gen_copy[3].u_layer1`, or with __BRA__.
int number_behind(const std::string& name, const std::string& key) {
  std::size_t at = name.find(key);
  if (at == std::string::npos) return -1;
  at = name.find_first_of("0123456789", at + key.size());
  return at == std::string::npos ? -1 : std::stoi(name.substr(at));
}

}  // namespace

AxiBlock::AxiBlock(std::uint32_t seed, int stalls, int copies)
    : random_(seed * 2654435761ull + 88172645463325252ull), stalls_(stalls), copies_(copies) {
  active = this;
  top_ = std::make_unique<Vaxi_test_top>(&context_, "top");
  top_->rst_ni = 0;
  // one cycle is all that a reset needs
  for (int cycle = 0; cycle < 2; ++cycle) tick();
  top_->rst_ni = 1;
}

AxiBlock::~AxiBlock() { active = nullptr; }

bool AxiBlock::luck() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return static_cast<int>(random_ >> 40 & 255) >= stalls_;
}

bool AxiBlock::fail(const std::string& why) {
  if (complaint_.empty()) complaint_ = why;
  return false;
}

/// One cycle: offers of both sides, the rising edge, and what it moved.
void AxiBlock::tick() {
  Vaxi_test_top& top = *top_;
  const bool on = top.rst_ni != 0;
  // what waits goes on waiting
  top.awvalid_i = on && write_address_left_ && (top.awvalid_i || luck());
  top.wvalid_i = on && write_data_left_ && (top.wvalid_i || luck());
  top.bready_i = write_open_ && luck();
  top.arvalid_i = on && read_left_ && (top.arvalid_i || luck());
  top.rready_i = read_open_ && luck();
  top.in_valid_i = on && sent_ < send_size_ && (top.in_valid_i || luck());
  std::size_t size = 0;
  if (top.in_valid_i) {
    size = std::min(kBytes, send_size_ - sent_);
    std::uint8_t beat[kBytes] = {};
    std::uint8_t keep[(kBytes + 7) / 8] = {};
    std::memcpy(beat, send_ + sent_, size);
    for (std::size_t byte = 0; byte < size; ++byte) keep[byte / 8] |= 1 << byte % 8;
    std::memcpy(&top.in_data_i, beat, kBytes);
    std::memcpy(&top.in_keep_i, keep, (kBytes + 7) / 8);
    top.in_last_i = send_end_ && sent_ + size == send_size_;
  }
  top.out_ready_i = receive_ != nullptr && !receive_done_ && luck();
  top.clk_i = 0;
  top.eval();
  const bool address = top.awvalid_i && top.awready_o;
  const bool data = top.wvalid_i && top.wready_o;
  const bool written = top.bvalid_o && top.bready_i;
  const bool asked = top.arvalid_i && top.arready_o;
  const bool answered = top.rvalid_o && top.rready_i;
  const bool sent = top.in_valid_i && top.in_ready_o;
  if (answered) read_data_ = top.rdata_o;
  if (top.out_valid_o && top.out_ready_i) {
    const std::size_t wanted = std::min(kBytes, receive_size_ - received_);
    std::uint8_t keep[8 * ((kBytes + 63) / 64)] = {};
    std::memcpy(keep, &top.out_keep_o, (kBytes + 7) / 8);
    std::size_t got = 0;
    for (std::size_t byte = 0; byte < kBytes; ++byte) got += keep[byte / 8] >> byte % 8 & 1;
    if (got != wanted) fail("keep has " + std::to_string(got) + " bytes, not " + std::to_string(wanted));
    std::memcpy(receive_ + received_, &top.out_data_o, wanted);
    received_ += wanted;
    const bool end = received_ == receive_size_;
    if ((top.out_last_o != 0) != end) fail("last at byte " + std::to_string(received_));
    receive_done_ = end || top.out_last_o;
  }
  top.clk_i = 1;
  top.eval();
  if (on) ++cycle_;
  if (address) write_address_left_ = false;
  if (data) write_data_left_ = false;
  if (written) write_open_ = false;
  if (asked) read_left_ = false;
  if (answered) read_open_ = false;
  if (sent) sent_ += size;
  // valid is worked out anew: what was taken no longer waits
  if (address) top.awvalid_i = 0;
  if (data) top.wvalid_i = 0;
  if (asked) top.arvalid_i = 0;
  if (sent) top.in_valid_i = 0;
}

void AxiBlock::write(std::uint32_t offset, std::uint32_t value, std::uint32_t strobes) {
  top_->awaddr_i = offset;
  top_->wdata_i = value;
  top_->wstrb_i = strobes;
  write_address_left_ = write_data_left_ = write_open_ = true;
  for (std::uint64_t left = kPatience; write_open_; --left) {
    if (left == 0) throw std::runtime_error("a write hangs");
    tick();
  }
}

std::uint32_t AxiBlock::read(std::uint32_t offset) {
  top_->araddr_i = offset;
  read_left_ = read_open_ = true;
  for (std::uint64_t left = kPatience; read_open_; --left) {
    if (left == 0) throw std::runtime_error("a read hangs");
    tick();
  }
  return read_data_;
}

void AxiBlock::receive_start(std::uint8_t* bytes, std::size_t size) {
  receive_ = bytes;
  receive_size_ = size;
  received_ = 0;
  receive_done_ = false;
  complaint_.clear();
}

int AxiBlock::send(const std::uint8_t* bytes, std::size_t size, bool end) {
  send_ = bytes;
  send_size_ = size;
  send_end_ = end;
  sent_ = 0;
  for (std::uint64_t left = kPatience; sent_ < send_size_; --left) {
    if (left == 0) return 1;
    tick();
  }
  return 0;
}

int AxiBlock::receive_wait() {
  for (std::uint64_t left = kPatience; !receive_done_; --left) {
    if (left == 0) return 1;
    tick();
  }
  receive_ = nullptr;
  return complaint_.empty() ? 0 : 1;
}

void AxiBlock::wait(std::uint64_t cycles) {
  for (; cycles > 0; --cycles) tick();
}

std::uint64_t AxiBlock::phase_cycles(std::size_t layer, int phase, std::uint64_t counted) const {
  std::uint64_t sum = 0;
  for (const Engine& engine : engines_) {
    if (engine.layer != layer) continue;
    // registers of layer_events, and of the copies from this one on
    const std::uint64_t way = 2 + static_cast<std::uint64_t>(copies_ - engine.copy);
    const std::uint64_t end = counted > way ? counted - way : 0;
    for (std::size_t at = 0; at < engine.changes.size(); ++at) {
      const Change& change = engine.changes[at];
      const std::uint64_t next =
          at + 1 < engine.changes.size() ? engine.changes[at + 1].cycle : UINT64_MAX;
      const std::uint64_t until = std::min(next, end);
      if (static_cast<int>(change.phase) == phase && until > change.cycle) {
        sum += until - change.cycle;
      }
    }
  }
  return sum;
}

const LayerCounts& AxiBlock::counts(std::size_t layer) const { return layers_.at(layer); }

LayerCounts& AxiBlock::layer(std::size_t index) {
  if (layers_.size() <= index) layers_.resize(index + 1);
  return layers_[index];
}

int AxiBlock::add_engine(const std::string& instance) {
  Engine engine;
  engine.copy = number_behind(instance, "gen_copy");
  engine.layer = static_cast<std::size_t>(number_behind(instance, "u_layer"));
  layer(engine.layer);
  engines_.push_back(engine);
  return static_cast<int>(engines_.size()) - 1;
}

int AxiBlock::add_stream(const std::string& instance) {
  streams_.push_back(static_cast<std::size_t>(number_behind(instance, "u_layer")));
  layer(streams_.back());
  return static_cast<int>(streams_.size()) - 1;
}

void AxiBlock::phase(int engine, unsigned phase) {
  engines_[static_cast<std::size_t>(engine)].changes.push_back({cycle_, phase});
}

void AxiBlock::windows_end(int engine, int windows) {
  const Engine& ended = engines_[static_cast<std::size_t>(engine)];
  layers_[ended.layer].windows += static_cast<std::uint64_t>(windows);
}

void AxiBlock::steps(int index, unsigned steps, unsigned issues) {
  Engine& engine = engines_[static_cast<std::size_t>(index)];
  LayerCounts& counts = layers_[engine.layer];
  counts.steps += steps - engine.steps;
  counts.issues += issues - engine.issues;
  engine.steps = steps;
  engine.issues = issues;
}

void AxiBlock::tokens(int stream, unsigned count) {
  LayerCounts& counts = layers_[streams_[static_cast<std::size_t>(stream)]];
  ++counts.beats;
  counts.tokens += count;
}

}  // namespace nzflow_test

using nzflow_test::AxiBlock;

extern "C" int nzflow_register_engine(const char* instance, int, int) {
  return AxiBlock::active->add_engine(instance);
}
extern "C" int nzflow_register_stream(const char* instance, int, int, int, int, int) {
  return AxiBlock::active->add_stream(instance);
}
extern "C" void nzflow_sums(int, const svBitVecVal*) {}
extern "C" void nzflow_phase(int probe, unsigned int phase) {
  AxiBlock::active->phase(probe, phase);
}
extern "C" void nzflow_windows_end(int probe, int windows, unsigned int, unsigned int) {
  AxiBlock::active->windows_end(probe, windows);
}
extern "C" void axi_steps(int probe, unsigned int steps, unsigned int issues) {
  AxiBlock::active->steps(probe, steps, issues);
}
extern "C" void nzflow_tokens(int probe, unsigned int, unsigned int count, const svBitVecVal*) {
  AxiBlock::active->tokens(probe, count);
}
