// nzflow_kernel on an Alveo card through XRT's native API: quantise, copy to the card, run, copy back,
// de-quantise. C++17; nzflow_driver.c is compiled as C and linked. Not thread-safe.
#ifndef NZFLOW_XRT_HPP
#define NZFLOW_XRT_HPP

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" {
#include "nzflow_driver.h"
}

namespace nzflow {

constexpr std::size_t kInputValues = NZFLOW_INPUT_VALUES;
constexpr std::size_t kInputStride = NZFLOW_INPUT_STRIDE_VALUE;
constexpr std::size_t kOutputWords = NZFLOW_OUTPUT_WORDS_VALUE;
constexpr std::size_t kOutputStride = NZFLOW_OUTPUT_STRIDE_VALUE;

class Kernel {
 public:
  // Programs the card with an .xclbin. `batch`: inferences of one run of the kernel, 1 or more. Throws what XRT
  // throws, std::invalid_argument.
  Kernel(const std::string& xclbin, unsigned device_index = 0, std::uint32_t batch = 1024)
      : device_(device_index),
        // exclusive: the errors of a run are a register
        kernel_(device_, device_.load_xclbin(xclbin), "nzflow_kernel",
                xrt::kernel::cu_access_mode::exclusive),
        batch_(batch) {
    if (batch < 1) throw std::invalid_argument("a batch has 1 inference or more");
    for (Slot& slot : slots_) {
      slot.inputs = xrt::bo(device_, batch_ * kInputStride, kernel_.group_id(kInputs));
      slot.answers = xrt::bo(device_, batch_ * kOutputStride, kernel_.group_id(kAnswers));
    }
  }

  // Samples one behind the other, kInputValues each in the order of the model, to kOutputWords real numbers
  // each. While the card works on a batch the next one is quantised. Throws std::invalid_argument,
  // std::runtime_error where the card does not finish or could not read or write its memory.
  std::vector<float> infer(const std::vector<float>& values,
                           std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    if (values.size() % kInputValues != 0) {
      throw std::invalid_argument("not whole samples of " + std::to_string(kInputValues) + " values");
    }
    const std::size_t count = values.size() / kInputValues;
    std::vector<float> reals(count * kOutputWords);
    Slot* running = nullptr;
    for (std::size_t first = 0; first < count; first += batch_) {
      Slot* const next = running == &slots_[0] ? &slots_[1] : &slots_[0];
      fill(*next, values, first, std::min<std::size_t>(batch_, count - first));
      // a run clears the errors of the one before
      if (running != nullptr) wait(*running, timeout);
      next->run = kernel_(static_cast<std::uint32_t>(next->count), next->inputs, next->answers);
      if (running != nullptr) take(*running, reals);
      running = next;
    }
    if (running != nullptr) {
      wait(*running, timeout);
      take(*running, reals);
    }
    return reals;
  }

 private:
  // Arguments, and the register of errors: hdl/kernel_control.v.
  static constexpr int kInputs = 1, kAnswers = 2;
  static constexpr std::uint32_t kErrors = 0x30;

  struct Slot {
    xrt::bo inputs, answers;
    xrt::run run;
    std::size_t first = 0, count = 0;
  };

  void fill(Slot& slot, const std::vector<float>& values, std::size_t first, std::size_t count) {
    slot.first = first;
    slot.count = count;
    auto* bytes = slot.inputs.map<std::uint8_t*>();
    for (std::size_t at = 0; at < count; ++at) {
      nzflow_quantise(values.data() + (first + at) * kInputValues, bytes + at * kInputStride);
    }
    slot.inputs.sync(XCL_BO_SYNC_BO_TO_DEVICE, count * kInputStride, 0);
  }

  void wait(Slot& slot, std::chrono::milliseconds timeout) {
    if (slot.run.wait(timeout) != ERT_CMD_STATE_COMPLETED) {
      throw std::runtime_error("the kernel did not finish in " + std::to_string(timeout.count()) + " ms");
    }
    const std::uint32_t errors = kernel_.read_register(kErrors);
    if (errors != 0) {
      throw std::runtime_error(std::string("the kernel could not ") +
                               ((errors & 1) != 0 ? "read inputs from" : "write answers to") +
                               " the memory of the card");
    }
  }

  void take(Slot& slot, std::vector<float>& reals) {
    slot.answers.sync(XCL_BO_SYNC_BO_FROM_DEVICE, slot.count * kOutputStride, 0);
    const auto* bytes = slot.answers.map<std::uint8_t*>();
    for (std::size_t at = 0; at < slot.count; ++at) {
      nzflow_dequantise(bytes + at * kOutputStride, nullptr,
                        reals.data() + (slot.first + at) * kOutputWords);
    }
  }

  xrt::device device_;
  xrt::kernel kernel_;
  std::uint32_t batch_;
  std::array<Slot, 2> slots_;
};

}  // namespace nzflow

#endif
