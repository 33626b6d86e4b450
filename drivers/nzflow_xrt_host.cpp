// Samples of a file through nzflow_kernel: nzflow_xrt_host <nzflow.xclbin> <inputs.f32> <answers.f32> [batch]
// The files hold little-endian float32 without a header (in Python: array.astype("<f4").tofile(path)).
//
/*
  gcc -std=c99 -O2 -c nzflow_driver.c
  g++ -std=c++17 -O2 -I$XILINX_XRT/include nzflow_xrt_host.cpp nzflow_driver.o \
    -L$XILINX_XRT/lib -lxrt_coreutil -pthread -o nzflow_xrt_host
*/
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "nzflow_xrt.hpp"

namespace {

std::vector<float> read_floats(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error("cannot read " + path);
  const std::streamoff bytes = file.tellg();
  if (bytes % static_cast<std::streamoff>(sizeof(float)) != 0) {
    throw std::runtime_error(path + " is not whole float32 numbers");
  }
  std::vector<float> values(static_cast<std::size_t>(bytes) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), bytes);
  if (!file) throw std::runtime_error("cannot read " + path);
  return values;
}

void write_floats(const std::string& path, const std::vector<float>& values) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace

int main(int count, char** words) {
  if (count < 4 || count > 5) {
    std::fprintf(stderr, "usage: %s <nzflow.xclbin> <inputs.f32> <answers.f32> [batch]\n", words[0]);
    return 2;
  }
  try {
    const unsigned long batch = count == 5 ? std::strtoul(words[4], nullptr, 10) : 1024;
    const std::vector<float> values = read_floats(words[2]);
    nzflow::Kernel kernel(words[1], 0, static_cast<std::uint32_t>(batch));
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<float> reals = kernel.infer(values);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    write_floats(words[3], reals);
    std::printf("%zu inferences in %.6f s, copies to and from the card included\n",
                reals.size() / nzflow::kOutputWords, seconds.count());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", words[0], error.what());
    return 1;
  }
}
