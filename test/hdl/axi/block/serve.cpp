// The verilated block for a script: commands on stdin, answers on stdout, a line each.
//
//   r <offset>                 -> value
//   w <offset> <value> [<strobes>]
//   t <size>                   takes a packet of so many bytes, for `g` to give
//   s <hex>                    sends a packet; b <hex>: its beginning
//   g                          waits for the packet taken -> hex, or `bad <why>`
//   n <cycles>                 waits

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <vector>

#include "axi_block.h"
#include "programs.h"

namespace {

std::vector<std::uint8_t> bytes_of(const std::string& hex) {
  std::vector<std::uint8_t> bytes(hex.size() / 2);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    bytes[at] = static_cast<std::uint8_t>(std::stoul(hex.substr(2 * at, 2), nullptr, 16));
  }
  return bytes;
}

void answer(nzflow_test::AxiBlock& block) {
  std::vector<std::uint8_t> taken;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command, text;
    unsigned long first = 0, second = 0, third = 15;
    words >> command;
    if (command == "s" || command == "b") {
      words >> text;
      const auto bytes = bytes_of(text);
      std::printf("%s\n", block.send(bytes.data(), bytes.size(), command == "s") == 0 ? "ok" : "stuck");
    } else if (command == "g") {
      if (block.receive_wait() != 0) {
        std::printf("bad %s\n", block.complaint().c_str());
      } else {
        for (const unsigned byte : taken) std::printf("%02x", byte);
        std::printf("\n");
      }
    } else {
      words >> first >> second >> third;
      if (command == "r") {
        std::printf("%u\n", block.read(static_cast<std::uint32_t>(first)));
      } else {
        if (command == "w") {
          block.write(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(second),
                      words ? static_cast<std::uint32_t>(third) : 15);
        }
        if (command == "t") {
          taken.assign(first, 0);
          block.receive_start(taken.data(), first);
        }
        if (command == "n") block.wait(first);
        std::printf("ok\n");
      }
    }
    std::fflush(stdout);
  }
}

}  // namespace

void nzflow_test::serve(char** arguments) {
  AxiBlock block(static_cast<std::uint32_t>(std::atoi(arguments[1])), std::atoi(arguments[2]),
                 std::atoi(arguments[3]));
  answer(block);
}
