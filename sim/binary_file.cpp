#include "binary_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace nzflow {

BinaryFile::BinaryFile(const std::string& path, std::size_t bytes) : bytes_(bytes) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("cannot read " + path);
  struct stat status = {};
  const bool long_enough = fstat(descriptor, &status) == 0 &&
                           static_cast<std::size_t>(status.st_size) >= bytes;
  void* data = nullptr;
  if (long_enough && bytes > 0) {
    data = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
  }
  close(descriptor);
  if (!long_enough) {
    throw std::runtime_error(path + " has less than " + std::to_string(bytes) + " bytes");
  }
  if (data == MAP_FAILED) throw std::runtime_error("cannot map " + path);
  data_ = data;
}

BinaryFile::~BinaryFile() {
  if (data_ != nullptr) munmap(const_cast<void*>(data_), bytes_);
}

BinaryFile::BinaryFile(BinaryFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}

BinaryFile& BinaryFile::operator=(BinaryFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

}  // namespace nzflow
