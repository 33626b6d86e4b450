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
  /// Throws std::runtime_error when the file is not there or has not `bytes` bytes.
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
