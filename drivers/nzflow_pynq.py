"""Driver of an nzflow_axi block for PYNQ: quantise, stream by DMA, de-quantise.

    from pynq import Overlay
    from nzflow_pynq import Nzflow

    overlay = Overlay("design.bit")
    net = Nzflow(overlay.nzflow_axi_0, overlay.axi_dma_0)
    net.start(batch=16)
    logits = net.infer(samples)          # float32 [n, ...] -> float32 [n, outputs]
    print(net.counters())

What it has to know of the design is in nzflow_design.json beside this file.
"""

import time

import numpy as np
from pynq import allocate

from nzflow_numbers import Numbers, read_design


class NzflowError(RuntimeError):
    """The block is not the one that was expected, or does not do what it was told."""


class Nzflow(Numbers):
    """A block and the DMA engine that feeds it.

    ip: reads and writes registers (``read(offset)``, ``write(offset, value)``).
    dma: an AXI DMA in direct mode (``sendchannel`` and ``recvchannel``).
    """

    def __init__(self, ip, dma, design=None, timeout=5.0):
        self.design = read_design(design)
        super().__init__(self.design)
        self.registers = {entry["name"]: entry for entry in self.design["registers"]}
        self._ip, self._dma, self._timeout = ip, dma, timeout
        self._batch = 0
        self._buffers = None
        self._check()

    # ---- registers

    def read(self, register):
        return int(self._ip.read(self.registers[register]["offset"]))

    def write(self, register, value):
        self._ip.write(self.registers[register]["offset"], int(value))

    def flags(self, register):
        """The fields of a register by name."""
        word = self.read(register)
        return {
            field["name"]: (word >> field["bit"]) & ((1 << field["bits"]) - 1)
            for field in self.registers[register]["fields"]
        }

    def _mask(self, register, field):
        for entry in self.registers[register]["fields"]:
            if entry["name"] == field:
                return ((1 << entry["bits"]) - 1) << entry["bit"]
        raise KeyError(field)

    def _check(self):
        for entry in self.design["registers"]:
            if "constant" not in entry or entry["name"] == "tool_version":
                continue
            found = self.read(entry["name"])
            if found != entry["constant"]:
                raise NzflowError(
                    f"{entry['name']} is {found:#x}, the design of this driver has "
                    f"{entry['constant']:#x}: bitstream and driver are of two builds"
                )

    def _control(self, set_fields=(), clear_fields=()):
        word = self.read("control")
        for field in clear_fields:
            word &= ~self._mask("control", field)
        for field in set_fields:
            word |= self._mask("control", field)
        self.write("control", word)

    def _wait_while(self, field):
        end = time.monotonic() + self._timeout
        while self.flags("status")[field]:
            if time.monotonic() > end:
                raise NzflowError(f"the block is still {field} after {self._timeout} s")

    # ---- control

    def start(self, batch=1):
        """Lets inferences begin, ``batch`` of them in a packet."""
        if not 1 <= batch <= 65535:
            raise ValueError("a batch has 1 to 65535 inferences")
        self._wait_while("resetting")
        self.write("batch", batch)
        self._control(set_fields=["run"])
        if batch != self._batch:
            self._batch = batch
            self._buffers = tuple(
                allocate(shape=(_packet(self.design[side], batch),), dtype=np.uint8)
                for side in ("input", "output")
            )

    def stop(self):
        """No inference begins any more; those inside are finished."""
        self._control(clear_fields=["run"])

    def reset(self):
        """Forgets all inferences inside; the block is stopped afterwards."""
        self._control(set_fields=["soft_reset"], clear_fields=["run"])
        self._wait_while("resetting")

    def errors(self):
        """Names of the error flags that are set."""
        return [name for name, value in self.flags("error").items() if value]

    def clear_errors(self):
        self.write("error", 0xFFFFFFFF)

    # ---- inference

    def infer(self, samples):
        """float32 [n, ...] to float32 [n, outputs]; a last batch that is not full is padded."""
        if self._buffers is None:
            raise NzflowError("start the block first")
        return self.dequantise(self.exchange(self.quantise(samples)))

    def exchange(self, stream):
        """Bytes of inferences [n, input stride] to bytes of answers [n, output stride]."""
        inputs, outputs = self._buffers
        count, batch = len(stream), self._batch
        stride = self.design["output"]["stride"]
        answers = np.zeros((count, stride), dtype=np.uint8)
        for first in range(0, count, batch):
            part = stream[first : first + batch]
            packet = np.zeros((batch, stream.shape[1]), dtype=np.uint8)
            packet[: len(part)] = part
            inputs[:] = packet.reshape(-1)[: len(inputs)]
            inputs.flush()
            self._dma.recvchannel.transfer(outputs)
            self._dma.sendchannel.transfer(inputs)
            self._dma.sendchannel.wait()
            self._dma.recvchannel.wait()
            outputs.invalidate()
            taken = np.zeros(batch * stride, dtype=np.uint8)
            taken[: len(outputs)] = outputs
            answers[first : first + len(part)] = taken.reshape(batch, stride)[: len(part)]
        if self.read("error"):
            raise NzflowError(f"the block reports {', '.join(self.errors())}")
        return answers

    # ---- counters

    def counters(self):
        """All counters at one time: of the design, and of every layer by its name."""
        self._control(set_fields=["snapshot"])
        self._wait_while("snapshot_busy")
        facts = self.design["counters"]
        offset = facts["offset"]

        def block(names):
            nonlocal offset
            values = {}
            for name in names:
                values[name] = self._ip.read(offset) | self._ip.read(offset + 4) << 32
                offset += 8
            return values

        result = {"design": block(facts["design"]), "layers": []}
        for layer in facts["layers"]:
            result["layers"].append({"name": layer, **block(facts["layer"])})
        return result

    def clear_counters(self):
        self._control(set_fields=["clear_counters"])


def _packet(side, batch):
    """Bytes of a packet: the last inference ends with its last byte."""
    return (batch - 1) * side["stride"] + side["bytes"]
