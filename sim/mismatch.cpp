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

}  // namespace nzflow
