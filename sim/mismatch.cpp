#include "mismatch.h"

namespace nzflow {

const char* check_name(Check check) {
  switch (check) {
    case Check::kAccumulator: return "accumulator";
    case Check::kStream: return "stream";
    case Check::kLogit: return "logit";
    case Check::kProtocol: return "protocol";
  }
  return "unknown";
}

void MismatchLog::add(const Mismatch& mismatch) {
  ++total_;
  Entry& entry = entries_[{mismatch.layer, mismatch.check}];
  if (entry.count++ == 0) entry.first = mismatch;
}

void MismatchLog::merge(const MismatchLog& other) {
  total_ += other.total_;
  for (const auto& [key, theirs] : other.entries_) {
    Entry& ours = entries_[key];
    if (ours.count == 0 || theirs.first.cycle < ours.first.cycle) ours.first = theirs.first;
    ours.count += theirs.count;
  }
}

}  // namespace nzflow
