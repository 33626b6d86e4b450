// Read-only view of a binary file of little-endian integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace nzflow {

/// A file mapped into memory: test sets may be larger than what should be read at once.
class BinaryFile {
 public:
  BinaryFile() = default;
  /// The first `bytes` bytes; throws std::runtime_error when the file has not so many.
  BinaryFile(const std::string& path, std::size_t bytes);
  ~BinaryFile();
  BinaryFile(BinaryFile&& other) noexcept;
  BinaryFile& operator=(BinaryFile&& other) noexcept;
  BinaryFile(const BinaryFile&) = delete;
  BinaryFile& operator=(const BinaryFile&) = delete;

  template <typename Value>
  const Value* as() const {
    return static_cast<const Value*>(data_);
  }

 private:
  const void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace nzflow
