#include "read_memory.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#undef VL_READMEM_N

namespace nzflow {
namespace {

/// The words of a file as Verilator keeps them in memory; not plain: left to Verilator.
struct Image {
  bool plain = false;
  QData words = 0;
  std::vector<unsigned char> bytes;
};

/// Bytes of a word of so many bits in Verilator's arrays.
std::size_t bytes_of_word(int bits) {
  if (bits <= 8) return 1;
  if (bits <= 16) return 2;
  if (bits <= 32) return 4;
  if (bits <= 64) return 8;
  return static_cast<std::size_t>(VL_WORDS_I(bits)) * 4;
}

int value_of_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

std::string contents(const std::string& filename) {
  std::string text;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(filename.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return text;
  char part[1 << 16];
  for (std::size_t got; (got = std::fread(part, 1, sizeof part, file.get())) > 0;) {
    text.append(part, got);
  }
  return text;
}

/// Adds the word whose digits these are; false where they are no word of so many bits.
bool add_word(Image& image, const char* digits, std::size_t count, int bits) {
  if (count == 0 || (count - 1) * 4 >= static_cast<std::size_t>(bits)) return false;
  const int top_bits = bits - static_cast<int>(count - 1) * 4;
  if (top_bits < 4 && value_of_digit(digits[0]) >> top_bits > 0) return false;
  const std::size_t at = image.bytes.size();
  // the least significant byte first, as in the integers of Verilator's arrays
  image.bytes.resize(at + bytes_of_word(bits), 0);
  for (std::size_t place = 0; place < count; ++place) {
    const int value = value_of_digit(digits[count - 1 - place]);
    if (value < 0) return false;
    image.bytes[at + place / 2] |= static_cast<unsigned char>(value << (place % 2 * 4));
  }
  ++image.words;
  return true;
}

Image parse(const std::string& filename, int bits) {
  Image image;
  const std::string text = contents(filename);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = text.find('\n', at);
    if (line_end == std::string::npos) return image;
    if (!add_word(image, text.data() + at, line_end - at, bits)) return image;
    at = line_end + 1;
  }
  image.plain = image.words > 0;
  return image;
}

const Image& image_of(const std::string& filename, int bits) {
  static std::map<std::pair<std::string, int>, Image> images;
  const auto key = std::make_pair(filename, bits);
  const auto known = images.find(key);
  return known != images.end() ? known->second
                               : images.emplace(key, parse(filename, bits)).first->second;
}

bool little_endian() {
  const std::uint16_t one = 1;
  unsigned char first = 0;
  std::memcpy(&first, &one, 1);
  return first == 1;
}

}  // namespace

void read_memory(bool hex, int bits, QData depth, int array_lsb, const std::string& filename,
                 void* memory, QData start, QData end) {
  const bool whole = array_lsb == 0 && start == 0 && end >= depth - 1;
  if (hex && whole && little_endian()) {
    const Image& image = image_of(filename, bits);
    // a file that is too short is told of where the last address is given
    const bool complete = end == ~QData{0} || image.words == end + 1;
    if (image.plain && complete && image.words <= depth) {
      std::memcpy(memory, image.bytes.data(), image.bytes.size());
      return;
    }
  }
  VL_READMEM_N(hex, bits, depth, array_lsb, filename, memory, start, end);
}

}  // namespace nzflow
