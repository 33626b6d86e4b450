import type { Board } from '../../ir/board.ts';
import type { DesignFile, Plan } from '../../ir/plan.ts';
import type { DesignSources } from '../design-sources.ts';
import { fail } from '../../base/diagnostics.ts';
import { tclWord } from '../tcl.ts';
import {
  blockDesignOf,
  blockDesignScript,
  blockDesignTcl,
  platformHeader,
} from './block-design.ts';
import { kernelFiles } from './kernel.ts';
import { packageTcl } from './package-tcl.ts';
import { scriptHead } from './script-head.ts';

/** The script that implements the design, and the one that makes an IP core of it. */
export const buildScript = 'build.tcl';
export const packageScript = 'package_ip.tcl';

/**
 * Everything Vivado needs beside the design: two Tcl scripts and the constraints. The folder they are in
 * lies at `<variant>/synth/vivado`; paths are taken from where a script is, so a build can be moved.
 */
export function vivadoProject(
  plan: Plan,
  board: Board,
  sources: DesignSources,
): readonly DesignFile[] {
  requireAmd(board);
  const floorplan = floorplanXdc(plan, board);
  const system = blockDesignOf(plan, board);
  return [
    { name: 'clock.xdc', content: clockXdc(plan) },
    ...(floorplan === null ? [] : [{ name: 'floorplan.xdc', content: floorplan }]),
    {
      name: buildScript,
      content: buildTcl(plan, board, sources, {
        floorplan: floorplan !== null,
        system: system !== null,
      }),
    },
    { name: packageScript, content: packageTcl(plan, board, sources) },
    ...kernelFiles(plan, board.part, sources),
    ...(system === null
      ? []
      : [
          { name: blockDesignScript, content: blockDesignTcl(system, plan, board) },
          { name: 'nzflow_platform.h', content: platformHeader(system) },
        ]),
  ];
}

function requireAmd({ part }: Board): void {
  if (part.toLowerCase().startsWith('xc')) return;
  fail('synthesize/not-amd', `Vivado has no device ${part}`, {
    place: '--tool',
    remedy: 'build for a board with a device of AMD (nzflow boards), or use another tool',
  });
}

function clockXdc({ clockMHz }: Plan): string {
  const period = (1000 / clockMHz).toFixed(3);
  return `# The clock the design was planned for: ${clockMHz} MHz.
create_clock -name clk -period ${period} [get_ports clk_i]
# Reset is released in step with the clock by whoever gives it.
set_false_path -from [get_ports rst_ni]
`;
}

/** Whole copies to dies, in order; null for a device of one. */
function floorplanXdc({ copies }: Plan, { dies }: Board): string | null {
  if (dies === 1) return null;
  const perDie = Math.ceil(copies / dies);
  const lines = Array.from({ length: dies }, (_, die) => {
    const first = die * perDie;
    const there = Array.from(
      { length: Math.max(0, Math.min(perDie, copies - first)) },
      (_unused, copy) => `gen_copy[${first + copy}].u_copy`,
    );
    if (there.length === 0) return [];
    return [
      `create_pblock die${die}`,
      `resize_pblock [get_pblocks die${die}] -add {SLR${die}}`,
      `add_cells_to_pblock [get_pblocks die${die}] [get_cells {${there.join(' ')}}]`,
    ];
  });
  return [
    '# Every copy whole on one super logic region: few wires cross between them, and those are slow.',
    ...lines.flat(),
    '',
  ].join('\n');
}

function buildTcl(
  { clockMHz }: Plan,
  { part }: Board,
  sources: DesignSources,
  { floorplan, system }: { readonly floorplan: boolean; readonly system: boolean },
): string {
  const stages = ['synth', 'route', ...(system ? ['bitstream'] : [])];
  const bitstream = `if {$stage eq "bitstream"} {
  # the whole system: block design, implementation, bitstream
  set argc 0
  source [file join $here ${blockDesignScript}]
  return
}
`;
  return `${scriptHead(`Non-project flow: vivado -mode batch -source build.tcl [-tclargs ${stages.join('|')}]`, sources)}
# out-of-context: nzflow_top is a block inside a design, its ports are no pins
set part ${tclWord(part)}
set stage [expr {$argc > 0 ? [lindex $argv 0] : "route"}]
if {$stage ni {${stages.join(' ')}}} { error "the stage is ${stages.join(' or ')}, not $stage" }
${system ? bitstream : ''}set out [file join $here out]
file mkdir $out

foreach name $verilog { read_verilog [file join $hdl $name] }
foreach name $memories { read_mem [file join $hdl $name] }
read_xdc -mode out_of_context [file join $here clock.xdc]
synth_design -top nzflow_top -part $part -mode out_of_context -flatten_hierarchy rebuilt
write_checkpoint -force [file join $out synth.dcp]
if {$stage eq "route"} {
${floorplan ? '  read_xdc [file join $here floorplan.xdc]\n' : ''}  opt_design
  place_design
  phys_opt_design
  route_design
  write_checkpoint -force [file join $out route.dcp]
}

report_utilization -file [file join $out utilization.rpt]
report_utilization -hierarchical -hierarchical_depth 4 -file [file join $out utilization-by-module.rpt]
report_timing_summary -max_paths 10 -file [file join $out timing.rpt]
report_power -file [file join $out power.rpt]

# what nzflow reads back
set path [lindex [get_timing_paths -setup -max_paths 1] 0]
set result [open [file join $out result.txt] w]
puts $result "vivado [version -short]"
puts $result "stage $stage"
puts $result "period [format %.3f ${(1000 / clockMHz).toFixed(3)}]"
puts $result "slack [get_property SLACK $path]"
puts $result "levels [get_property LOGIC_LEVELS $path]"
close $result
`;
}
