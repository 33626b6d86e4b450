import type { Board } from '../../ir/board.ts';
import type { DesignFile, Plan } from '../../ir/plan.ts';
import type { DesignSources } from '../design-sources.ts';
import { portOf, streamsOfTop } from '../streams-of-top.ts';
import type { TopStream } from '../streams-of-top.ts';
import { tclList, tclWord } from '../tcl.ts';

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
  const floorplan = floorplanXdc(plan, board);
  return [
    { name: 'clock.xdc', content: clockXdc(plan) },
    ...(floorplan === null ? [] : [{ name: 'floorplan.xdc', content: floorplan }]),
    { name: buildScript, content: buildTcl(plan, board, sources, floorplan !== null) },
    { name: packageScript, content: packageTcl(plan, board, sources) },
  ];
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

/** Where the script is and what it reads. */
function head(what: string, { verilog, memories }: DesignSources): string {
  return `# ${what}
set here [file dirname [file normalize [info script]]]
set hdl [file normalize [file join $here .. .. hdl]]
set verilog ${tclList(verilog)}
set memories ${tclList(memories)}
`;
}

function buildTcl(
  { clockMHz }: Plan,
  { part }: Board,
  sources: DesignSources,
  floorplan: boolean,
): string {
  return `${head('Non-project flow: vivado -mode batch -source build.tcl [-tclargs synth]', sources)}
# out-of-context: nzflow_top is a block inside a design, its ports are no pins
set part ${tclWord(part)}
set stage [expr {$argc > 0 ? [lindex $argv 0] : "route"}]
if {$stage ni {synth route}} { error "the stage is synth or route, not $stage" }
set out [file join $here out]
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

function packageTcl(plan: Plan, { part }: Board, sources: DesignSources): string {
  const streams = streamsOfTop(plan);
  const names = streams.map(axisName);
  return `${head('IP core (IP-XACT) for the catalogue: vivado -mode batch -source package_ip.tcl', sources)}
set part ${tclWord(part)}
set core [file join $here ip]

create_project -in_memory -part $part
foreach name $verilog { add_files -norecurse [file join $hdl $name] }
foreach name $memories { add_files -norecurse [file join $hdl $name] }
set_property top nzflow_top [current_fileset]
update_compile_order -fileset sources_1
ipx::package_project -root_dir $core -vendor nzflow -library nzflow -taxonomy /UserIP -import_files -force
set ip [ipx::current_core]
set_property name nzflow_${plan.variant.replaceAll('-', '_')} $ip
set_property version 1.0 $ip
set_property display_name ${tclWord(`nzflow ${plan.variant}`)} $ip

proc stream {ip name mode ports} {
  ipx::add_bus_interface $name $ip
  set bus [ipx::get_bus_interfaces $name -of_objects $ip]
  set_property abstraction_type_vlnv xilinx.com:interface:axis_rtl:1.0 $bus
  set_property bus_type_vlnv xilinx.com:interface:axis:1.0 $bus
  set_property interface_mode $mode $bus
  foreach {logical physical} $ports {
    ipx::add_port_map $logical $bus
    set_property physical_name $physical [ipx::get_port_maps $logical -of_objects $bus]
  }
}
${streams.map(streamTcl).join('\n')}

ipx::infer_bus_interface rst_ni xilinx.com:signal:reset_rtl:1.0 $ip
ipx::infer_bus_interface clk_i xilinx.com:signal:clock_rtl:1.0 $ip
${names.map((name) => `ipx::associate_bus_interfaces -busif ${name} -clock clk_i $ip`).join('\n')}

ipx::create_xgui_files $ip
ipx::update_checksums $ip
ipx::check_integrity $ip
ipx::save_core $ip
`;
}

function axisName({ name, direction }: TopStream): string {
  return `${direction === 'input' ? 's' : 'm'}_axis_${name}`;
}

/** Data is TDATA in whole bytes: beats are multiples of 8 bits. */
function streamTcl(stream: TopStream): string {
  const signals = ['valid', 'ready', ...(stream.last ? ['last' as const] : []), 'data'] as const;
  const maps = signals.map((signal) => `T${signal.toUpperCase()} ${portOf(stream, signal)}`);
  const mode = stream.direction === 'input' ? 'slave' : 'master';
  return `# ${stream.meaning}\nstream $ip ${axisName(stream)} ${mode} {${maps.join(' ')}}`;
}
