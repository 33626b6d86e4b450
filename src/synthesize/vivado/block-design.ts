import { present } from '../../base/invariant.ts';
import type { BlockDesignRecipe } from '../../ir/block-design.ts';
import type { Board } from '../../ir/board.ts';
import type { Plan } from '../../ir/plan.ts';
import { slotBits } from '../../plan/interfaces/plan-axi.ts';
import { registerMap } from '../../plan/interfaces/register-map.ts';
import { tclWord } from '../tcl.ts';
import { processingSystem } from './processing-system.ts';
import type { ProcessingSystem } from './processing-system.ts';

export const blockDesignScript = 'block_design.tcl';

/** A DMA engine of the block design: streams of `bits` from memory, and to it. */
export interface DmaEngine {
  readonly cell: string;
  readonly bits: number;
  readonly base: number;
  readonly toBlock: string;
  readonly fromBlock: string | null;
}

/** Everything of a block design that scripts and drivers have to agree on. */
export interface BlockDesign {
  readonly recipe: BlockDesignRecipe;
  readonly processor: ProcessingSystem;
  /** Instance of `nzflow_axi`, named as the drivers look for it. */
  readonly cell: 'nzflow_axi_0';
  readonly base: number;
  /** Bytes of its registers. */
  readonly range: number;
  readonly engines: readonly DmaEngine[];
}

const smallestRange = 0x1_0000;

/**
 * The block design of a plan with bus interfaces on a board with a recipe. Null without either, and for a design whose
 * weights stream from memory: these want a DMA engine that begins again by itself.
 */
export function blockDesignOf(plan: Plan, board: Board): BlockDesign | null {
  const { blockDesign: recipe } = board;
  if (plan.axi === undefined || recipe === null || plan.weightStream !== undefined) return null;
  const processor = processingSystem(recipe, plan.clockMHz);
  const range = Math.max(smallestRange, 2 ** registerMap(plan).addressBits);
  const base = processor.controlBase;
  const engine = (number: number): number => base + 0x40_0000 + number * smallestRange;
  return {
    recipe,
    processor,
    cell: 'nzflow_axi_0',
    base,
    range,
    engines: [
      {
        cell: 'axi_dma_0',
        bits: plan.axi.dataBits,
        base: engine(0),
        toBlock: 's_axis',
        fromBlock: 'm_axis',
      },
      ...(plan.load === undefined
        ? []
        : [
            {
              cell: 'axi_dma_1',
              bits: slotBits(plan.load.beatBits),
              base: engine(1),
              toBlock: 's_axis_load',
              fromBlock: null,
            },
          ]),
    ],
  };
}

/** From the recipe of the board to a bitstream, with what PYNQ and Vitis want beside it. */
export function blockDesignTcl(design: BlockDesign, plan: Plan, { part }: Board): string {
  const { recipe, processor, engines } = design;
  const ip = `nzflow:nzflow:nzflow_${plan.variant.replaceAll('-', '_')}`;
  const carrier =
    recipe.carrier === null
      ? ''
      : `set_property board_connections ${tclWord(recipe.carrier)} [current_project]\n`;
  return `# Block design and bitstream: vivado -mode batch -source ${blockDesignScript} [-tclargs design]
# design: stops when the block design is there, to be opened in project/nzflow.xpr
set here [file dirname [file normalize [info script]]]
set part ${tclWord(part)}
set stage [expr {$argc > 0 ? [lindex $argv 0] : "bitstream"}]
if {$stage ni {design bitstream}} { error "the stage is design or bitstream, not $stage" }
set out [file join $here out]
file mkdir $out

set boards [get_board_parts -quiet -latest_file_version ${tclWord(`${recipe.boardPart}:*`)}]
if {[llength $boards] == 0} {
  error "Vivado has no files of the board ${recipe.boardPart}: install them from Tools, Vivado Store, Boards"
}

# ---- the design as an IP core
source [file join $here package_ip.tcl]
close_project

# ---- the project
create_project -force nzflow [file join $here project] -part $part
set_property board_part [lindex $boards 0] [current_project]
${carrier}set_property ip_repo_paths [file join $here ip] [current_project]
update_ip_catalog
create_bd_design nzflow

# ---- the processor as the board wants it, with the ports, the clock and the interrupt used here
set ps [create_bd_cell -type ip -vlnv ${processor.vlnv} ${processor.cell}]
apply_bd_automation -rule ${processor.rule} -config {${processor.automation}} $ps
set_property -dict [list \\
${processor.properties.map(([name, value]) => `  CONFIG.${name} ${value} \\\n`).join('')}] $ps

# ---- the design, and the engines that move its streams
create_bd_cell -type ip -vlnv ${ip} ${design.cell}
${engines.map((engine) => engineTcl(engine, processor)).join('')}
# ---- registers behind one interconnect, memory behind another
create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect control_0
set_property -dict [list CONFIG.NUM_SI 1 CONFIG.NUM_MI ${1 + engines.length}] [get_bd_cells control_0]
create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect memory_0
set_property -dict [list CONFIG.NUM_SI ${memoryMasters(design).length} CONFIG.NUM_MI 1] [get_bd_cells memory_0]
create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset reset_0
create_bd_cell -type ip -vlnv xilinx.com:ip:xlconcat interrupts_0
set_property -dict [list CONFIG.NUM_PORTS ${memoryMasters(design).length}] [get_bd_cells interrupts_0]

proc wire {from to} { connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to] }
${busWires(design)
  .map(([from, to]) => `wire ${from} ${to}`)
  .join('\n')}

${netsOf(design)
  .map(
    ([from, ...to]) =>
      `connect_bd_net [get_bd_pins ${from}] \\\n${to.map((pin) => `  [get_bd_pins ${pin}]`).join(' \\\n')}`,
  )
  .join('\n')}

# ---- addresses, the same as in nzflow_platform.h
proc place {segment base range} {
  assign_bd_address -offset $base -range $range -target_address_space [get_bd_addr_spaces ${processor.cell}/Data] \\
    [get_bd_addr_segs $segment] -force
}
place ${design.cell}/s_axi/reg0 ${hexadecimal(design.base)} ${hexadecimal(design.range)}
${engines.map(({ cell, base }) => `place ${cell}/S_AXI_LITE/Reg ${hexadecimal(base)} ${hexadecimal(smallestRange)}`).join('\n')}
# memory, for the engines
assign_bd_address

validate_bd_design
save_bd_design
set bd [get_files nzflow.bd]
generate_target all $bd
add_files -norecurse [make_wrapper -files $bd -top]
set_property top nzflow_wrapper [current_fileset]
update_compile_order -fileset sources_1
if {$stage eq "design"} { return }

# ---- bitstream
proc finish {run} {
  wait_on_run $run
  if {[get_property PROGRESS [get_runs $run]] ne "100%"} {
    error "$run has not come to its end: [get_property STATUS [get_runs $run]]"
  }
}
launch_runs synth_1
finish synth_1
launch_runs impl_1 -to_step write_bitstream
finish impl_1
open_run impl_1
report_utilization -file [file join $out system-utilization.rpt]
report_timing_summary -max_paths 10 -file [file join $out system-timing.rpt]
set slack [get_property SLACK [lindex [get_timing_paths -setup -max_paths 1] 0]]
if {$slack < 0} { puts "WARNING: the slowest path is $slack ns too long for ${plan.clockMHz} MHz: see system-timing.rpt" }

# bitstream and description under one name, as PYNQ looks for them; the same for Vitis
write_hw_platform -fixed -include_bit -force -file [file join $out nzflow.xsa]
set project [file join $here project]
file copy -force [file join $project nzflow.runs impl_1 nzflow_wrapper.bit] [file join $out nzflow.bit]
set handoffs [glob [file join $project nzflow.{gen,srcs} sources_1 bd nzflow hw_handoff nzflow.hwh]]
file copy -force [lindex $handoffs 0] [file join $out nzflow.hwh]
`;
}

/** Registers of 4 KB and more, so that a range is a word of a few digits. */
export function hexadecimal(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;
}

/** Streams are as wide as those of the block; memory accesses no narrower, and 32 bits at least. */
function engineTcl(
  { cell, bits, fromBlock }: DmaEngine,
  { addressBits }: ProcessingSystem,
): string {
  const memoryBits = Math.max(32, bits);
  const properties: readonly (readonly [string, number])[] = [
    ['c_include_sg', 0],
    ['c_sg_include_stscntrl_strm', 0],
    ['c_sg_length_width', 26],
    ['c_addr_width', addressBits],
    ['c_include_mm2s', 1],
    ['c_m_axis_mm2s_tdata_width', bits],
    ['c_m_axi_mm2s_data_width', memoryBits],
    ['c_include_s2mm', fromBlock === null ? 0 : 1],
    ...(fromBlock === null ? [] : [['c_m_axi_s2mm_data_width', memoryBits] as const]),
  ];
  return `create_bd_cell -type ip -vlnv xilinx.com:ip:axi_dma ${cell}
set_property -dict [list \\
${properties.map(([name, value]) => `  CONFIG.${name} ${value} \\\n`).join('')}] [get_bd_cells ${cell}]
`;
}

/** Ports of the engines that reach memory, in the order of their interrupts. */
function memoryMasters({ engines }: BlockDesign): readonly {
  readonly port: string;
  readonly clock: string;
  readonly interrupt: string;
}[] {
  return engines.flatMap(({ cell, fromBlock }) =>
    ['mm2s', ...(fromBlock === null ? [] : ['s2mm'])].map((way) => ({
      port: `${cell}/M_AXI_${way.toUpperCase()}`,
      clock: `${cell}/m_axi_${way}_aclk`,
      interrupt: `${cell}/${way}_introut`,
    })),
  );
}

function busWires(design: BlockDesign): readonly (readonly [from: string, to: string])[] {
  const { recipe, processor, cell, engines } = design;
  const two = (index: number): string => String(index).padStart(2, '0');
  return [
    [`${processor.cell}/${recipe.controlPort}`, 'control_0/S00_AXI'],
    ['control_0/M00_AXI', `${cell}/s_axi`],
    ...engines.map(
      (engine, index) => [`control_0/M${two(index + 1)}_AXI`, `${engine.cell}/S_AXI_LITE`] as const,
    ),
    ...memoryMasters(design).map(
      ({ port }, index) => [port, `memory_0/S${two(index)}_AXI`] as const,
    ),
    ['memory_0/M00_AXI', `${processor.cell}/${recipe.memoryPort}`],
    ...engines.flatMap((engine) => [
      [`${engine.cell}/M_AXIS_MM2S`, `${cell}/${engine.toBlock}`] as const,
      ...(engine.fromBlock === null
        ? []
        : [[`${cell}/${engine.fromBlock}`, `${engine.cell}/S_AXIS_S2MM`] as const]),
    ]),
  ];
}

/** Clock, resets and interrupts: a driver and what it drives. */
function netsOf(design: BlockDesign): readonly (readonly [string, ...string[]])[] {
  const { processor, cell, engines } = design;
  const ps = (pin: string): string => `${processor.cell}/${pin}`;
  const masters = memoryMasters(design);
  return [
    [
      ps(processor.clock),
      ...processor.portClocks.map(ps),
      'reset_0/slowest_sync_clk',
      'control_0/aclk',
      'memory_0/aclk',
      `${cell}/aclk`,
      ...engines.map((engine) => `${engine.cell}/s_axi_lite_aclk`),
      ...masters.map(({ clock }) => clock),
    ],
    [ps(processor.reset), 'reset_0/ext_reset_in'],
    [
      'reset_0/peripheral_aresetn',
      'control_0/aresetn',
      'memory_0/aresetn',
      `${cell}/aresetn`,
      ...engines.map((engine) => `${engine.cell}/axi_resetn`),
    ],
    ...masters.map(
      ({ interrupt }, index) => [interrupt, `interrupts_0/In${index}`] as readonly [string, string],
    ),
    ['interrupts_0/dout', ps(processor.interrupt)],
  ];
}

/** `nzflow_platform.h`: addresses of the block design, and the callbacks of the C driver for its DMA engine. */
export function platformHeader(design: BlockDesign): string {
  const { cell, base, engines, processor } = design;
  const data = present(engines[0], 'an engine for the data streams');
  const wide = processor.addressBits > 32;
  const place = (offset: string): string =>
    [
      `  NZFLOW_PLATFORM_WRITE(NZFLOW_DMA_BASE + ${offset}u, (uint32_t)place);`,
      ...(wide
        ? [
            `  NZFLOW_PLATFORM_WRITE(NZFLOW_DMA_BASE + ${offset}u + 4u, (uint32_t)((uint64_t)place >> 32));`,
          ]
        : []),
    ].join('\n');
  return `/*
 * Where ${blockDesignScript} put the block ${cell} and its DMA engine ${data.cell} (direct mode), and the
 * callbacks of nzflow_driver.h for them. Bare metal, C99.
 *
 *   nzflow_io io = NZFLOW_PLATFORM_IO;
 *
 * Caches: define NZFLOW_PLATFORM_FLUSH and NZFLOW_PLATFORM_INVALIDATE (address, bytes) before, where memory is
 * cached and not coherent: Xil_DCacheFlushRange and Xil_DCacheInvalidateRange of the board support package.
 */
#ifndef NZFLOW_PLATFORM_H
#define NZFLOW_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

#include "nzflow_driver.h"

#define NZFLOW_BASE ${hexadecimal(base)}u
#define NZFLOW_DMA_BASE ${hexadecimal(data.base)}u
${engines
  .slice(1)
  .map((engine) => `#define NZFLOW_LOAD_DMA_BASE ${hexadecimal(engine.base)}u\n`)
  .join('')}
#ifndef NZFLOW_PLATFORM_READ
#define NZFLOW_PLATFORM_READ(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define NZFLOW_PLATFORM_WRITE(address, value) \\
  (*(volatile uint32_t *)(uintptr_t)(address) = (value))
#endif
#ifndef NZFLOW_PLATFORM_FLUSH
#define NZFLOW_PLATFORM_FLUSH(address, bytes) ((void)(address), (void)(bytes))
#define NZFLOW_PLATFORM_INVALIDATE(address, bytes) ((void)(address), (void)(bytes))
#endif

/* Polls of a status register before an engine is given up. */
#ifndef NZFLOW_PLATFORM_PATIENCE
#define NZFLOW_PLATFORM_PATIENCE 100000000u
#endif

static uint8_t *nzflow_platform_answer;
static size_t nzflow_platform_bytes;

static uint32_t nzflow_platform_read(void *context, uint32_t offset) {
  (void)context;
  return NZFLOW_PLATFORM_READ(NZFLOW_BASE + offset);
}

static void nzflow_platform_write(void *context, uint32_t offset, uint32_t value) {
  (void)context;
  NZFLOW_PLATFORM_WRITE(NZFLOW_BASE + offset, value);
}

/* Idle, without an error: 0. Registers of one direction, PG021. */
static int nzflow_platform_idle(uint32_t status) {
  uint32_t patience = NZFLOW_PLATFORM_PATIENCE;
  while (patience-- != 0u) {
    const uint32_t word = NZFLOW_PLATFORM_READ(NZFLOW_DMA_BASE + status);
    if ((word & 0x70u) != 0u) return -1;
    if ((word & 2u) != 0u) return 0;
  }
  return -1;
}

static int nzflow_platform_receive(void *context, uint8_t *bytes, size_t size) {
  const uintptr_t place = (uintptr_t)bytes;
  (void)context;
  nzflow_platform_answer = bytes;
  nzflow_platform_bytes = size;
  NZFLOW_PLATFORM_FLUSH(bytes, size);
  NZFLOW_PLATFORM_WRITE(NZFLOW_DMA_BASE + 0x30u, 1u);
${place('0x48')}
  NZFLOW_PLATFORM_WRITE(NZFLOW_DMA_BASE + 0x58u, (uint32_t)size);
  return 0;
}

static int nzflow_platform_send(void *context, const uint8_t *bytes, size_t size) {
  const uintptr_t place = (uintptr_t)bytes;
  (void)context;
  NZFLOW_PLATFORM_FLUSH(bytes, size);
  NZFLOW_PLATFORM_WRITE(NZFLOW_DMA_BASE + 0x00u, 1u);
${place('0x18')}
  NZFLOW_PLATFORM_WRITE(NZFLOW_DMA_BASE + 0x28u, (uint32_t)size);
  return nzflow_platform_idle(0x04u);
}

static int nzflow_platform_wait(void *context) {
  const int result = nzflow_platform_idle(0x34u);
  (void)context;
  NZFLOW_PLATFORM_INVALIDATE(nzflow_platform_answer, nzflow_platform_bytes);
  return result;
}

#define NZFLOW_PLATFORM_IO                                                      \\
  {                                                                             \\
    NULL, nzflow_platform_read, nzflow_platform_write, nzflow_platform_receive, \\
        nzflow_platform_send, nzflow_platform_wait                              \\
  }

#endif
`;
}
