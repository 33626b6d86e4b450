"""Numbers of an nzflow design as bytes of its streams, and back: what its drivers in Python share.

What it has to know of the design is in nzflow_design.json beside this file.
"""

import json
import os

import numpy as np


def read_design(path=None):
    """The facts of the design this driver was written beside, or of those in a file."""
    if path is None:
        here = os.path.dirname(os.path.abspath(__file__))
        path = os.path.join(here, "nzflow_design.json")
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Numbers:
    """Quantises inputs and de-quantises answers as the evaluator does."""

    def __init__(self, design):
        self._input = design["input"]
        self._input_bits = _input_bits(design["input"])
        self._output_bytes, self._output_scales = _output_places(design["output"])

    def quantise(self, samples):
        """float32 [n, ...] in the model's order to the bytes of the input stream [n, stride]."""
        facts = self._input
        values = np.asarray(samples, dtype=np.float32).reshape(-1, facts["values"])
        scaled = np.floor(values.astype(np.float64) / facts["scale"] + 0.5)
        whole = np.clip(np.nan_to_num(scaled, nan=0.0), facts["minimum"], facts["maximum"])
        ordered = whole.astype(np.int64)[:, self._input_bits[0]]
        bits = (ordered & ((1 << facts["value_bits"]) - 1)) << (self._input_bits[1] % 8)
        stream = np.zeros((len(values), facts["stride"] + 2), dtype=np.int64)
        for byte in range(3):
            # bits of two values are never the same: adding them is as good as or
            places = self._input_bits[1] // 8 + byte
            np.add.at(stream, (slice(None), places), (bits >> (8 * byte)) & 0xFF)
        return stream[:, : facts["stride"]].astype(np.uint8)

    def words(self, stream):
        """Bytes of answers [n, stride] to integers [n, outputs], in the model's order."""
        stream = np.ascontiguousarray(stream, dtype=np.uint8)
        return stream[:, self._output_bytes].copy().view("<i4")[:, :, 0]

    def dequantise(self, stream):
        """Bytes of answers [n, stride] to float32 [n, outputs]."""
        return (self.words(stream) * self._output_scales).astype(np.float32)


def _input_bits(facts):
    """Of every value in the stream: its place in the model's order, and its first bit."""
    channel, row, column = np.meshgrid(
        np.arange(facts["channels"]),
        np.arange(facts["height"]),
        np.arange(facts["width"]),
        indexing="ij",
    )
    steps = facts["steps"]
    place = channel * steps[0] + row * steps[1] + column * steps[2]
    index = (row * facts["row_sites"] + column) * facts["site_values"] + channel
    beat, inside = np.divmod(index, facts["beat_values"])
    bit = beat * facts["beat_bytes"] * 8 + inside * facts["value_bits"]
    return place.reshape(-1), bit.reshape(-1)


def _output_places(facts):
    """Of every number in the model's order: the places of its bytes in the stream, and its scale."""
    first_byte = np.zeros(facts["words"], dtype=np.int64)
    scales = np.zeros(facts["words"], dtype=np.float64)
    first_place, beat = 0, 0
    for output in facts["outputs"]:
        channels, height, width = output["channels"], output["height"], output["width"]
        for row in range(height):
            for column in range(width):
                channel = np.arange(channels)
                steps = output["steps"]
                place = first_place + channel * steps[0] + row * steps[1] + column * steps[2]
                beats, inside = np.divmod(channel, facts["beat_words"])
                first_byte[place] = (beat + beats) * facts["beat_bytes"] + 4 * inside
                scales[place] = output["scale"]
                beat += output["site_beats"]
        first_place += channels * height * width
    return first_byte[:, None] + np.arange(4), scales
