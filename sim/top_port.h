// Ports of the verilated top as 32-bit words, whatever type Verilator chose for their width.
#pragma once

#include <verilated.h>

#include <cstddef>
#include <cstdint>

namespace nzflow {

inline void write_port(CData& port, const std::uint32_t* words) {
  port = static_cast<CData>(words[0]);
}
inline void write_port(SData& port, const std::uint32_t* words) {
  port = static_cast<SData>(words[0]);
}
inline void write_port(IData& port, const std::uint32_t* words) { port = words[0]; }
inline void write_port(QData& port, const std::uint32_t* words) {
  port = words[0] | (static_cast<QData>(words[1]) << 32);
}
template <std::size_t kWords>
void write_port(VlWide<kWords>& port, const std::uint32_t* words) {
  for (std::size_t word = 0; word < kWords; ++word) port[word] = words[word];
}

inline void read_port(const IData& port, std::uint32_t* words) { words[0] = port; }
inline void read_port(const QData& port, std::uint32_t* words) {
  words[0] = static_cast<std::uint32_t>(port);
  words[1] = static_cast<std::uint32_t>(port >> 32);
}
template <std::size_t kWords>
void read_port(const VlWide<kWords>& port, std::uint32_t* words) {
  for (std::size_t word = 0; word < kWords; ++word) words[word] = port[word];
}

}  // namespace nzflow
