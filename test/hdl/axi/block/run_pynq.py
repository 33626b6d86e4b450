"""The PYNQ driver on the verilated block: run_pynq.py <block> <driver folder> <samples.f32>.

`pynq` is a stub; registers and DMA go to the program by its commands.
"""

import json
import os
import subprocess
import sys
import types

import numpy as np

program, folder, samples = sys.argv[1:4]
block = subprocess.Popen(
    [program, "5", "96", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)


def tell(command):
    block.stdin.write(command + "\n")
    block.stdin.flush()
    answer = block.stdout.readline().strip()
    if answer == "" or answer.startswith(("bad", "stuck")):
        raise RuntimeError(f"{command[:40]}: {answer}")
    return answer


class Buffer(np.ndarray):
    """What pynq.allocate gives: an array that is written back and read anew by hand."""

    def flush(self):
        pass

    def invalidate(self):
        pass


def allocate(shape, dtype):
    return np.zeros(shape, dtype=dtype).view(Buffer)


class Registers:
    def read(self, offset):
        return int(tell(f"r {offset}"))

    def write(self, offset, value):
        tell(f"w {offset} {value}")


class Send:
    def transfer(self, buffer):
        tell("s " + bytes(buffer).hex())

    def wait(self):
        pass


class Receive:
    def transfer(self, buffer):
        self.buffer = buffer
        tell(f"t {buffer.nbytes}")

    def wait(self):
        self.buffer[:] = np.frombuffer(bytes.fromhex(tell("g")), dtype=np.uint8)


class Dma:
    sendchannel, recvchannel = Send(), Receive()


stub = types.ModuleType("pynq")
stub.allocate = allocate
sys.modules["pynq"] = stub
sys.path.insert(0, folder)
from nzflow_pynq import Nzflow, NzflowError  # noqa: E402

net = Nzflow(Registers(), Dma())
net.start(batch=3)
values = np.fromfile(samples, dtype=np.float32).reshape(8, -1)
reals = net.infer(values)
counters = net.counters()
errors = net.errors()
words = net.words(net.exchange(net.quantise(values)))

# a driver of another model says so
with open(os.path.join(folder, "nzflow_design.json"), encoding="utf-8") as file:
    other = json.load(file)
for entry in other["registers"]:
    if entry["name"] == "model_hash_0":
        entry["constant"] ^= 1
with open("other.json", "w", encoding="utf-8") as file:
    json.dump(other, file)
refused = ""
try:
    Nzflow(Registers(), Dma(), design="other.json")
except NzflowError as error:
    refused = str(error)

block.stdin.close()
block.wait()
print(
    json.dumps(
        {
            "words": words.reshape(-1).tolist(),
            "reals": [float(value) for value in reals.reshape(-1)],
            "counters": counters,
            "errors": errors,
            "refused": refused,
        }
    )
)
