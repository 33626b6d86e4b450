#include "waves.h"

#include <verilated.h>

#include <stdexcept>

#include "Vnzflow_top.h"

#if VM_TRACE_FST
#include <verilated_fst_c.h>
using TraceFile = VerilatedFstC;
#elif VM_TRACE
#include <verilated_vcd_c.h>
using TraceFile = VerilatedVcdC;
#endif

namespace nzflow {

#if VM_TRACE

struct Waves::File {
  TraceFile trace;
};

void Waves::open(Vnzflow_top& top, const std::string& path) {
  if (path.empty()) return;
  top.contextp()->traceEverOn(true);
  file_ = std::make_unique<File>();
  top.trace(&file_->trace, 99);
  file_->trace.open(path.c_str());
  if (!file_->trace.isOpen()) throw std::runtime_error("cannot write " + path);
}

void Waves::dump(std::uint64_t time) {
  if (file_ != nullptr) file_->trace.dump(time);
}

#else

struct Waves::File {};

void Waves::open(Vnzflow_top&, const std::string& path) {
  if (!path.empty()) throw std::runtime_error("this simulator was built without waves");
}

void Waves::dump(std::uint64_t) {}

#endif

Waves::Waves() = default;
Waves::~Waves() = default;

}  // namespace nzflow
