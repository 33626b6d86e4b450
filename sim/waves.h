// Waveform dump, where the simulator was built with one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

class Vnzflow_top;

namespace nzflow {

class Waves {
 public:
  Waves();
  ~Waves();
  /// Does nothing for an empty path. Throws std::runtime_error when this build has no waves.
  void open(Vnzflow_top& top, const std::string& path);
  void dump(std::uint64_t time);

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace nzflow
