#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

#include "xrt_bo.h"

enum ert_cmd_state { ERT_CMD_STATE_COMPLETED, ERT_CMD_STATE_TIMEOUT };

namespace xrt {
struct run {
  ert_cmd_state state = ERT_CMD_STATE_TIMEOUT;
  ert_cmd_state wait(std::chrono::milliseconds) { return state; }
};

struct kernel {
  enum class cu_access_mode { exclusive, shared };

  kernel(const device&, const uuid&, const std::string& name, cu_access_mode mode)
      : exclusive(mode == cu_access_mode::exclusive), errors(std::make_shared<std::uint32_t>(0)) {
    if (name != "nzflow_kernel") throw std::runtime_error("no kernel " + name);
  }

  int group_id(int argument) { return argument; }

  // NZFLOW_TEST_CARD: the command of the verilated kernel, <inputs> <answers> <count> behind it
  run operator()(std::uint32_t count, bo& inputs, bo& answers) {
    if (inputs.group != 1 || answers.group != 2) throw std::runtime_error("buffers in other memories");
    const char* card = std::getenv("NZFLOW_TEST_CARD");
    const std::string folder = std::getenv("NZFLOW_TEST_FOLDER");
    const std::string from = folder + "/card-in.bin", to = folder + "/card-out.bin";
    write(from, *inputs.card);
    const std::string line = std::string(card) + " " + from + " " + to + " " + std::to_string(count);
    FILE* pipe = popen(line.c_str(), "r");
    std::string text;
    for (int letter; (letter = std::fgetc(pipe)) != EOF;) text += static_cast<char>(letter);
    if (pclose(pipe) != 0) return {ERT_CMD_STATE_TIMEOUT};
    *errors = static_cast<std::uint32_t>(std::stoul(text.substr(text.find("\"errors\":") + 9)));
    std::ifstream file(to, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      answers.card->at(at) = static_cast<std::uint8_t>(bytes[at]);
    }
    return {ERT_CMD_STATE_COMPLETED};
  }

  std::uint32_t read_register(std::uint32_t offset) const {
    if (!exclusive) throw std::runtime_error("registers of a shared kernel are not read");
    if (offset != 0x30) throw std::runtime_error("no such register");
    return *errors;
  }

  static void write(const std::string& path, const std::vector<std::uint8_t>& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

  bool exclusive;
  std::shared_ptr<std::uint32_t> errors;
};
}  // namespace xrt
