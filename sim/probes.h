// The checkers of a run by probe number, and how instance names are read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine_checker.h"
#include "stream_checker.h"

namespace nzflow {

/// Registered by the probes while the design is initialised, used until the run ends.
class Probes {
 public:
  explicit Probes(RunState& run) : run_(run) {}

  /// Throw std::runtime_error for an instance that the manifest does not know.
  int add_engine(const std::string& instance, int drain_width, int sum_bits);
  int add_stream(const std::string& instance, const StreamFormat& format);
  /// Throws unless every engine and every stream of the manifest has its probe.
  void check_complete() const;

  EngineChecker& engine(int probe) { return *engines_[static_cast<std::size_t>(probe)]; }
  StreamChecker& stream(int probe) { return *streams_[static_cast<std::size_t>(probe)]; }
  const std::vector<std::unique_ptr<EngineChecker>>& engines() const { return engines_; }
  const std::vector<std::unique_ptr<StreamChecker>>& streams() const { return streams_; }

  /// The probes of the running simulation; DPI functions have no other way to find them.
  static Probes* active;

 private:
  RunState& run_;
  std::vector<std::unique_ptr<EngineChecker>> engines_;
  std::vector<std::unique_ptr<StreamChecker>> streams_;
};

}  // namespace nzflow
