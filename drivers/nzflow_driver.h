/*
 * Driver of an nzflow_axi block, freestanding C99: no library, no memory of its own.
 *
 * It knows the block by nzflow_design.h and nzflow_registers.h, which are made with every design.
 * How registers and streams are reached is up to the caller (nzflow_io): pointers on bare metal, a
 * file under Linux, a simulation.
 */
#ifndef NZFLOW_DRIVER_H
#define NZFLOW_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "nzflow_design.h"
#include "nzflow_registers.h"

/* What a function returns. */
typedef enum {
  NZFLOW_OK = 0,
  NZFLOW_NOT_A_BLOCK = 1,     /* the magic number is not there */
  NZFLOW_OTHER_MAP = 2,       /* another version of the register map */
  NZFLOW_OTHER_DESIGN = 3,    /* another model, or other widths, than this driver was made for */
  NZFLOW_TIMED_OUT = 4,       /* the block did not get ready */
  NZFLOW_STREAM_FAILED = 5,   /* a stream callback said so */
  NZFLOW_ERROR_FLAGS = 6,     /* the block has error flags: nzflow_errors */
  NZFLOW_NO_BATCH = 7         /* a batch has 1 to 65535 inferences */
} nzflow_result;

/* How the block is reached. Stream callbacks return 0 when they succeed. */
typedef struct {
  void *context; /* handed to every callback */
  uint32_t (*read)(void *context, uint32_t offset);
  void (*write)(void *context, uint32_t offset, uint32_t value);
  /* Gets ready to take a packet of `size` bytes; does not wait for it. */
  int (*receive_start)(void *context, uint8_t *bytes, size_t size);
  /* Sends a packet, TLAST with its last byte. It may take until answers are taken. */
  int (*send)(void *context, const uint8_t *bytes, size_t size);
  /* Waits until the packet is there. */
  int (*receive_wait)(void *context);
} nzflow_io;

/* Is it the block this driver was made for? */
nzflow_result nzflow_check(const nzflow_io *io);

/* Lets inferences begin, `batch` of them in a packet (1 unless there are reasons). */
nzflow_result nzflow_start(const nzflow_io *io, uint32_t batch);

/* No inference begins any more; those inside are finished. */
void nzflow_stop(const nzflow_io *io);

/* Forgets all inferences inside. Whoever feeds the streams has to end its packets: what is left of
 * one at the input is discarded up to TLAST, one at the output is finished with zeros. Weights that
 * were loaded have to be loaded again. The block is stopped afterwards. */
nzflow_result nzflow_reset(const nzflow_io *io);

/* Error flags, NZFLOW_ERROR_...; and clears some of them. */
uint32_t nzflow_errors(const nzflow_io *io);
void nzflow_clear_errors(const nzflow_io *io, uint32_t flags);

/* One inference's values (NZFLOW_INPUT_VALUES, in the order of the model) as bytes of the input
 * stream (NZFLOW_INPUT_STRIDE, all of them written). Rounds to nearest, halves up, clamps. */
void nzflow_quantise(const float *values, uint8_t *bytes);

/* Bytes of an answer as integers, and as real numbers, in the order of the model: all outputs,
 * one behind the other (NZFLOW_OUTPUT_WORDS). Either may be NULL. */
void nzflow_dequantise(const uint8_t *bytes, int32_t *words, float *reals);

/* `batch` inferences, as many as nzflow_start said: quantise, send, receive, de-quantise. `input`
 * holds batch * NZFLOW_INPUT_STRIDE bytes, `output` batch * NZFLOW_OUTPUT_STRIDE. */
nzflow_result nzflow_infer(const nzflow_io *io, uint32_t batch, const float *values, float *reals,
                           uint8_t *input, uint8_t *output);

/* Counters: copies them all at one time, then reads one. Of the whole design NZFLOW_COUNTER_...; of
 * a layer NZFLOW_LAYER_COUNTER_... . */
nzflow_result nzflow_snapshot(const nzflow_io *io);
uint64_t nzflow_counter(const nzflow_io *io, uint32_t counter);
uint64_t nzflow_layer_counter(const nzflow_io *io, uint32_t layer, uint32_t counter);
void nzflow_clear_counters(const nzflow_io *io);

#endif
