// Differences between the design and the reference: the first of every kind in every layer.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

namespace nzflow {

/// In the order in which the data passes the checks within a layer.
enum class Check { kAccumulator, kStream, kLogit, kProtocol };

const char* check_name(Check check);

struct Mismatch {
  Check check = Check::kAccumulator;
  int layer = 0;
  int copy = 0;
  /// Engine of the layer, -1 where the check does not know it.
  int engine = -1;
  int inference = 0;
  int sample = 0;
  /// Window (accumulators) or output site (streams); -1 where there is none.
  int row = -1, column = -1;
  int channel = -1;
  std::int64_t expected = 0, got = 0;
  std::uint64_t cycle = 0;
  /// What is wrong, in a few words; a string literal.
  const char* what = "";
};

class MismatchLog {
 public:
  /// Keeps the first of its check and layer, counts the others.
  void add(const Mismatch& mismatch);
  /// Adds those of another log: of two that are the first of their check and layer, the one of the earlier
  /// cycle stays, of two in one cycle that of this log.
  void merge(const MismatchLog& other);
  std::uint64_t total() const { return total_; }

  struct Entry {
    Mismatch first;
    std::uint64_t count = 0;
  };
  /// By layer, then check: the first entry is the earliest in network order.
  const std::map<std::pair<int, Check>, Entry>& entries() const { return entries_; }

 private:
  std::map<std::pair<int, Check>, Entry> entries_;
  std::uint64_t total_ = 0;
};

}  // namespace nzflow
