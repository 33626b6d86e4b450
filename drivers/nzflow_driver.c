#include "nzflow_driver.h"

/* Reads of the status before it is given up; a reset and a snapshot take some thousand cycles. */
#define NZFLOW_PATIENCE 1000000u

static nzflow_result wait_while(const nzflow_io *io, uint32_t mask) {
  uint32_t left = NZFLOW_PATIENCE;
  while ((io->read(io->context, NZFLOW_STATUS) & mask) != 0) {
    if (--left == 0) return NZFLOW_TIMED_OUT;
  }
  return NZFLOW_OK;
}

/* Pulses read as 0, so that what is read can be written back. */
static void control(const nzflow_io *io, uint32_t clear, uint32_t set) {
  const uint32_t now = io->read(io->context, NZFLOW_CONTROL);
  io->write(io->context, NZFLOW_CONTROL, (now & ~clear) | set);
}

nzflow_result nzflow_check(const nzflow_io *io) {
  if (io->read(io->context, NZFLOW_MAGIC) != NZFLOW_MAGIC_VALUE) return NZFLOW_NOT_A_BLOCK;
  if (io->read(io->context, NZFLOW_MAP_VERSION) != NZFLOW_MAP_VERSION_VALUE) {
    return NZFLOW_OTHER_MAP;
  }
  if (io->read(io->context, NZFLOW_MODEL_HASH_0) != NZFLOW_MODEL_HASH_0_VALUE ||
      io->read(io->context, NZFLOW_MODEL_HASH_1) != NZFLOW_MODEL_HASH_1_VALUE ||
      io->read(io->context, NZFLOW_MODEL_HASH_2) != NZFLOW_MODEL_HASH_2_VALUE ||
      io->read(io->context, NZFLOW_MODEL_HASH_3) != NZFLOW_MODEL_HASH_3_VALUE ||
      io->read(io->context, NZFLOW_INPUT_STRIDE) != NZFLOW_INPUT_STRIDE_VALUE ||
      io->read(io->context, NZFLOW_OUTPUT_STRIDE) != NZFLOW_OUTPUT_STRIDE_VALUE) {
    return NZFLOW_OTHER_DESIGN;
  }
  return NZFLOW_OK;
}

nzflow_result nzflow_start(const nzflow_io *io, uint32_t batch) {
  nzflow_result result;
  if (batch < 1 || batch > 65535) return NZFLOW_NO_BATCH;
  result = wait_while(io, NZFLOW_STATUS_RESETTING);
  if (result != NZFLOW_OK) return result;
  io->write(io->context, NZFLOW_BATCH, batch);
  control(io, 0, NZFLOW_CONTROL_RUN);
  return NZFLOW_OK;
}

void nzflow_stop(const nzflow_io *io) { control(io, NZFLOW_CONTROL_RUN, 0); }

nzflow_result nzflow_reset(const nzflow_io *io) {
  control(io, NZFLOW_CONTROL_RUN, NZFLOW_CONTROL_SOFT_RESET);
  return wait_while(io, NZFLOW_STATUS_RESETTING);
}

uint32_t nzflow_errors(const nzflow_io *io) { return io->read(io->context, NZFLOW_ERROR); }

void nzflow_clear_errors(const nzflow_io *io, uint32_t flags) {
  io->write(io->context, NZFLOW_ERROR, flags);
}

static int32_t quantised(float value) {
  const double scaled = (double)value / NZFLOW_INPUT_SCALE + 0.5;
  int32_t whole;
  if (scaled != scaled) return 0;
  if (scaled < NZFLOW_INPUT_MINIMUM) return NZFLOW_INPUT_MINIMUM;
  if (scaled >= NZFLOW_INPUT_MAXIMUM) return NZFLOW_INPUT_MAXIMUM;
  whole = (int32_t)scaled;
  return whole > scaled ? whole - 1 : whole;
}

void nzflow_quantise(const float *values, uint8_t *bytes) {
  uint32_t channel, row, column, at;
  for (at = 0; at < NZFLOW_INPUT_STRIDE_VALUE; ++at) bytes[at] = 0;
  for (channel = 0; channel < NZFLOW_INPUT_CHANNELS; ++channel) {
    for (row = 0; row < NZFLOW_INPUT_HEIGHT; ++row) {
      for (column = 0; column < NZFLOW_INPUT_WIDTH; ++column) {
        const uint32_t place = channel * NZFLOW_INPUT_CHANNEL_STEP + row * NZFLOW_INPUT_ROW_STEP +
                               column * NZFLOW_INPUT_COLUMN_STEP;
        const uint32_t index = (row * NZFLOW_INPUT_ROW_SITES + column) * NZFLOW_INPUT_SITE_VALUES +
                               channel;
        const uint32_t bit = (index % NZFLOW_INPUT_BEAT_VALUES) * NZFLOW_INPUT_VALUE_BITS;
        uint32_t byte = index / NZFLOW_INPUT_BEAT_VALUES * NZFLOW_INPUT_BEAT_BYTES + bit / 8;
        /* at most 9 bits, from any bit of a byte on: three bytes */
        uint32_t bits = ((uint32_t)quantised(values[place]) &
                         ((UINT32_C(1) << NZFLOW_INPUT_VALUE_BITS) - 1)) << (bit % 8);
        for (; bits != 0; bits >>= 8) bytes[byte++] |= (uint8_t)(bits & 0xff);
      }
    }
  }
}

void nzflow_dequantise(const uint8_t *bytes, int32_t *words, float *reals) {
  static const nzflow_output outputs[] = NZFLOW_OUTPUTS;
  static const double scales[] = NZFLOW_OUTPUT_SCALES;
  uint32_t output, row, column, channel, first_place = 0, beat = 0;
  const double *scale = scales;
  for (output = 0; output < sizeof outputs / sizeof outputs[0]; ++output) {
    const nzflow_output *shape = &outputs[output];
    for (row = 0; row < shape->height; ++row) {
      for (column = 0; column < shape->width; ++column) {
        for (channel = 0; channel < shape->channels; ++channel) {
          const uint32_t word_beat = beat + channel / NZFLOW_OUTPUT_BEAT_WORDS;
          const uint8_t *from = bytes + word_beat * NZFLOW_OUTPUT_BEAT_BYTES +
                                channel % NZFLOW_OUTPUT_BEAT_WORDS * 4;
          const uint32_t bits = from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
                                (uint32_t)from[3] << 24;
          const int32_t word = bits < UINT32_C(0x80000000)
                                   ? (int32_t)bits
                                   : -(int32_t)(UINT32_C(0xffffffff) - bits) - 1;
          const uint32_t place = first_place + channel * shape->channel_step +
                                 row * shape->row_step + column * shape->column_step;
          if (words != NULL) words[place] = word;
          if (reals != NULL) reals[place] = (float)(word * scale[channel]);
        }
        beat += shape->site_beats;
      }
    }
    first_place += shape->channels * shape->height * shape->width;
    scale += shape->channels;
  }
}

nzflow_result nzflow_infer(const nzflow_io *io, uint32_t batch, const float *values, float *reals,
                           uint8_t *input, uint8_t *output) {
  uint32_t at;
  /* the last inference of a packet ends with its last byte, not with its last beat */
  const size_t sent = (size_t)(batch - 1) * NZFLOW_INPUT_STRIDE_VALUE + NZFLOW_INPUT_BYTES_VALUE;
  const size_t taken = (size_t)(batch - 1) * NZFLOW_OUTPUT_STRIDE_VALUE + NZFLOW_OUTPUT_BYTES_VALUE;
  if (batch < 1 || batch > 65535) return NZFLOW_NO_BATCH;
  for (at = 0; at < batch; ++at) {
    nzflow_quantise(values + (size_t)at * NZFLOW_INPUT_VALUES,
                    input + (size_t)at * NZFLOW_INPUT_STRIDE_VALUE);
  }
  if (io->receive_start(io->context, output, taken) != 0) return NZFLOW_STREAM_FAILED;
  if (io->send(io->context, input, sent) != 0) return NZFLOW_STREAM_FAILED;
  if (io->receive_wait(io->context) != 0) return NZFLOW_STREAM_FAILED;
  for (at = 0; at < batch; ++at) {
    nzflow_dequantise(output + (size_t)at * NZFLOW_OUTPUT_STRIDE_VALUE, NULL,
                      reals + (size_t)at * NZFLOW_OUTPUT_WORDS_VALUE);
  }
  return nzflow_errors(io) == 0 ? NZFLOW_OK : NZFLOW_ERROR_FLAGS;
}

nzflow_result nzflow_snapshot(const nzflow_io *io) {
  control(io, 0, NZFLOW_CONTROL_SNAPSHOT);
  return wait_while(io, NZFLOW_STATUS_SNAPSHOT_BUSY);
}

uint64_t nzflow_counter(const nzflow_io *io, uint32_t counter) {
  const uint32_t offset = NZFLOW_COUNTERS + 8 * counter;
  const uint64_t low = io->read(io->context, offset);
  return low | (uint64_t)io->read(io->context, offset + 4) << 32;
}

uint64_t nzflow_layer_counter(const nzflow_io *io, uint32_t layer, uint32_t counter) {
  return nzflow_counter(io, NZFLOW_DESIGN_COUNTERS + layer * NZFLOW_LAYER_COUNTERS + counter);
}

void nzflow_clear_counters(const nzflow_io *io) { control(io, 0, NZFLOW_CONTROL_CLEAR_COUNTERS); }
