#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "xrt_device.h"

enum xclBOSyncDirection { XCL_BO_SYNC_BO_TO_DEVICE, XCL_BO_SYNC_BO_FROM_DEVICE };

namespace xrt {
// Memory of the host and of the card are two: what is not synchronised is not there.
struct bo {
  bo() = default;
  bo(const device&, std::size_t size, int group)
      : host(std::make_shared<std::vector<std::uint8_t>>(size, 0xa5)),
        card(std::make_shared<std::vector<std::uint8_t>>(size, 0x5a)),
        group(group) {}

  template <typename Pointer>
  Pointer map() {
    return reinterpret_cast<Pointer>(host->data());
  }

  void sync(xclBOSyncDirection direction, std::size_t size, std::size_t offset) {
    if (offset + size > host->size()) throw std::out_of_range("sync");
    auto& from = direction == XCL_BO_SYNC_BO_TO_DEVICE ? *host : *card;
    auto& to = direction == XCL_BO_SYNC_BO_TO_DEVICE ? *card : *host;
    for (std::size_t at = offset; at < offset + size; ++at) to[at] = from[at];
  }

  std::shared_ptr<std::vector<std::uint8_t>> host, card;
  int group = -1;
};
}  // namespace xrt
