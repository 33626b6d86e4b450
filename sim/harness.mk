# What all simulators have in common, compiled once and kept in the cache: the prelude as a
# precompiled header, the harness as far as it does not know the design, Verilator's library.
#
#   make -f harness.mk VERILATOR_ROOT=... SIM=<this folder> OPT_FAST=... OPT_SLOW=... OPT_GLOBAL=...
#
# in the folder that gets it, with VM_TRACE=1 and VM_TRACE_FST=1 or VM_TRACE_VCD=1 for waves. The options are Verilator's
# own, by the rules of its makefiles: a precompiled header serves for the options it was compiled with,
# and GCC 12 crashes on one of another optimisation level, so there is one for each that is used.
VM_COVERAGE = 0
VM_SC = 0
VM_TRACE = 0
VM_TRACE_FST = 0
VM_TRACE_VCD = 0
VM_USER_CFLAGS = $(DESIGN_CFLAGS)

.DEFAULT_GOAL := harness
include $(VERILATOR_ROOT)/include/verilated.mk

HARNESS = binary_file block_team engine_checker input_driver main manifest mismatch output_checker probes \
  read_memory reference result_writer stream_checker
LIBRARY = verilated verilated_dpi verilated_threads
ifeq ($(VM_TRACE_FST),1)
  LIBRARY += verilated_fst_c
endif
ifeq ($(VM_TRACE_VCD),1)
  LIBRARY += verilated_vcd_c
endif

.PHONY: harness
harness: $(HARNESS:%=%.o) $(LIBRARY:%=%.o)

prelude.h: $(SIM)/prelude.h
	cp $< $@

prelude.h.gch:
	mkdir -p $@

# the compiler takes the one that fits
prelude.h.gch/slow: prelude.h | prelude.h.gch
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(OPT_SLOW) -MF slow.d -x c++-header $< -o $@

prelude.h.gch/fast: prelude.h | prelude.h.gch
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(OPT_FAST) -MF fast.d -x c++-header $< -o $@

$(HARNESS:%=%.o): %.o: $(SIM)/%.cpp prelude.h.gch/slow prelude.h.gch/fast
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -include prelude.h $(OPT_FAST) -c -o $@ $<

$(LIBRARY:%=%.o): %.o: $(VERILATOR_ROOT)/include/%.cpp
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(OPT_GLOBAL) -c -o $@ $<
