"""Of XRT's pyxrt what nzflow_xrt.py uses, with the verilated kernel as the card."""

import enum
import os
import subprocess

import numpy as np


class xclBOSyncDirection(enum.Enum):
    XCL_BO_SYNC_BO_TO_DEVICE = 0
    XCL_BO_SYNC_BO_FROM_DEVICE = 1


class ert_cmd_state(enum.Enum):
    ERT_CMD_STATE_COMPLETED = 4
    ERT_CMD_STATE_TIMEOUT = 8


class xclbin:
    def __init__(self, path):
        self.path = path


class device:
    def __init__(self, index):
        self.index = index

    def load_xclbin(self, binary):
        return binary.path


class bo:
    normal = 0

    def __init__(self, _, size, flags, group):
        # memory of the host and of the card are two
        self.host, self.card = np.full(size, 0xA5, np.uint8), np.full(size, 0x5A, np.uint8)
        self.flags, self.group = flags, group

    def write(self, values, seek):
        self.host[seek : seek + values.nbytes] = np.frombuffer(values.tobytes(), np.uint8)

    def read(self, size, skip):
        return self.host[skip : skip + size].view(np.int8).copy()

    def sync(self, direction, size, offset):
        one = direction is xclBOSyncDirection.XCL_BO_SYNC_BO_TO_DEVICE
        source, target = (self.host, self.card) if one else (self.card, self.host)
        target[offset : offset + size] = source[offset : offset + size]


class run:
    def __init__(self, state):
        self._state = state

    def wait(self, timeout_ms):
        return self._state


class kernel:
    shared = 1

    def __init__(self, device, uuid, name, mode):
        assert name == "nzflow_kernel" and mode == self.shared and uuid == "nzflow.xclbin"

    def group_id(self, argument):
        return argument

    def __call__(self, count, inputs, answers):
        assert (inputs.group, answers.group) == (1, 2)
        folder = os.environ["NZFLOW_TEST_FOLDER"]
        source, target = f"{folder}/python-in.bin", f"{folder}/python-out.bin"
        inputs.card.tofile(source)
        card = os.environ["NZFLOW_TEST_CARD"].split(" ")
        done = subprocess.run([*card, source, target, str(count)], capture_output=True)
        if done.returncode != 0:
            return run(ert_cmd_state.ERT_CMD_STATE_TIMEOUT)
        taken = np.fromfile(target, np.uint8)
        answers.card[: taken.size] = taken
        return run(ert_cmd_state.ERT_CMD_STATE_COMPLETED)
