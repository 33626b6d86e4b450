// Fields of a packed vector as Verilator passes it: 32-bit words, least significant first.
#pragma once

#include <cstdint>

namespace nzflow {

/// Unsigned field of 1 to 32 bits.
inline std::uint32_t bit_field(const std::uint32_t* words, int low, int bits) {
  const int word = low >> 5;
  const int shift = low & 31;
  std::uint64_t value = words[word];
  if (shift + bits > 32) value |= static_cast<std::uint64_t>(words[word + 1]) << 32;
  return static_cast<std::uint32_t>((value >> shift) & ((std::uint64_t{1} << bits) - 1));
}

/// Two's complement field of 1 to 32 bits.
inline std::int32_t signed_bit_field(const std::uint32_t* words, int low, int bits) {
  const std::uint32_t value = bit_field(words, low, bits);
  const std::uint32_t sign = std::uint32_t{1} << (bits - 1);
  return static_cast<std::int32_t>((value ^ sign) - sign);
}

}  // namespace nzflow
