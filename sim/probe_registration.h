// What the probes call when the simulation starts. In the prelude, because the probes call it from
// $c text, which carries no declaration.
#pragma once

/// Number of the engine whose instance has this hierarchical name.
extern "C" int nzflow_register_engine(const char* instance, int drain_width, int sum_bits);

/// Number of the stream that leaves the layer whose instance has this hierarchical name.
extern "C" int nzflow_register_stream(const char* instance, int tokens, int channel_bits,
                                      int value_bits, int value_signed, int dense);
