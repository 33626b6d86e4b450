"""nzflow_kernel on an Alveo card through XRT: quantise, copy to the card, run, copy back, de-quantise.

    from nzflow_xrt import Kernel

    kernel = Kernel("out/nzflow.xclbin")
    logits = kernel.infer(samples)          # float32 [n, ...] -> float32 [n, outputs]

or from a shell: python3 nzflow_xrt.py out/nzflow.xclbin inputs.npy logits.npy

Needs numpy and XRT's pyxrt. What it has to know of the design is in nzflow_design.json beside this file.
pyxrt reads no registers: that the kernel could not read or write the card's memory is told by the C++
program only (nzflow_xrt_host.cpp).
"""

import sys

import numpy as np
import pyxrt

from nzflow_numbers import Numbers, read_design

TO_CARD = pyxrt.xclBOSyncDirection.XCL_BO_SYNC_BO_TO_DEVICE
FROM_CARD = pyxrt.xclBOSyncDirection.XCL_BO_SYNC_BO_FROM_DEVICE
# arguments of the kernel (kernel.xml)
INPUTS, ANSWERS = 1, 2


class NzflowError(RuntimeError):
    """The kernel did not do what it was told."""


class Kernel(Numbers):
    """A card programmed with a design. batch: inferences of one run of the kernel."""

    def __init__(self, xclbin, device=0, batch=1024, design=None):
        if batch < 1:
            raise ValueError("a batch has 1 inference or more")
        self.design = read_design(design)
        super().__init__(self.design)
        self._batch = batch
        self._device = pyxrt.device(device)
        uuid = self._device.load_xclbin(pyxrt.xclbin(xclbin))
        self._kernel = pyxrt.kernel(self._device, uuid, "nzflow_kernel", pyxrt.kernel.shared)
        self._inputs = self._buffer(INPUTS, self.design["input"]["stride"])
        self._answers = self._buffer(ANSWERS, self.design["output"]["stride"])

    def _buffer(self, argument, stride):
        group = self._kernel.group_id(argument)
        return pyxrt.bo(self._device, self._batch * stride, pyxrt.bo.normal, group)

    def infer(self, samples, timeout_ms=10_000):
        """float32 [n, ...] to float32 [n, outputs]."""
        return self.dequantise(self.exchange(self.quantise(samples), timeout_ms))

    def exchange(self, stream, timeout_ms=10_000):
        """Bytes of inferences [n, input stride] to bytes of answers [n, output stride]."""
        stride = self.design["output"]["stride"]
        answers = np.zeros((len(stream), stride), dtype=np.uint8)
        for first in range(0, len(stream), self._batch):
            part = np.ascontiguousarray(stream[first : first + self._batch])
            self._inputs.write(part.reshape(-1), 0)
            self._inputs.sync(TO_CARD, part.size, 0)
            run = self._kernel(len(part), self._inputs, self._answers)
            if run.wait(timeout_ms) != pyxrt.ert_cmd_state.ERT_CMD_STATE_COMPLETED:
                raise NzflowError(f"the kernel did not finish in {timeout_ms} ms")
            size = len(part) * stride
            self._answers.sync(FROM_CARD, size, 0)
            taken = np.frombuffer(self._answers.read(size, 0), dtype=np.uint8)
            answers[first : first + len(part)] = taken.reshape(-1, stride)
        return answers


def main(words):
    if len(words) != 4:
        sys.exit(f"usage: {words[0]} <nzflow.xclbin> <inputs.npy> <logits.npy>")
    _, xclbin, inputs, logits = words
    np.save(logits, Kernel(xclbin).infer(np.load(inputs)))


if __name__ == "__main__":
    main(sys.argv)
