// The files a run compares with, opened.
#pragma once

#include <vector>

#include "binary_file.h"
#include "manifest.h"

namespace nzflow {

class Reference {
 public:
  explicit Reference(const Manifest& manifest);

  const std::uint32_t* stimulus(int sample) const;
  const std::int32_t* logits(int sample) const;
  /// [channel][row][column] of one sample, null for a sample whose accumulators are not known.
  const std::int32_t* accumulators(int layer, int sample) const;
  /// [channel][row][column] of one sample, null for the last layer.
  const std::int16_t* values(int layer, int sample) const;

 private:
  const Manifest& manifest_;
  BinaryFile stimulus_, logits_;
  std::vector<BinaryFile> accumulators_, values_;
};

}  // namespace nzflow
