import type { Board } from '../../ir/board.ts';
import type { Plan } from '../../ir/plan.ts';
import { registerMap } from '../../plan/interfaces/register-map.ts';
import type { DesignSources } from '../design-sources.ts';
import { portOf, streamsOfTop } from '../streams-of-top.ts';
import type { TopStream } from '../streams-of-top.ts';
import { tclWord } from '../tcl.ts';
import { designBlock } from '../top-ports.ts';
import { scriptHead } from './script-head.ts';

/**
 * The design as an IP core: `nzflow_axi`, whose buses Vivado knows by their names, where the plan has it; else `nzflow_top`,
 * whose streams are AXI4-Stream under other names.
 */
export function packageTcl(plan: Plan, { part }: Board, sources: DesignSources): string {
  const { module } = designBlock(plan);
  return `${scriptHead('IP core (IP-XACT) for the catalogue: vivado -mode batch -source package_ip.tcl', sources)}
set part ${tclWord(part)}
set core [file join $here ip]

create_project -in_memory -part $part
foreach name $verilog { add_files -norecurse [file join $hdl $name] }
foreach name $memories { add_files -norecurse [file join $hdl $name] }
set_property top ${module} [current_fileset]
update_compile_order -fileset sources_1
ipx::package_project -root_dir $core -vendor nzflow -library nzflow -taxonomy /UserIP -import_files -force
set ip [ipx::current_core]
set_property name nzflow_${plan.variant.replaceAll('-', '_')} $ip
set_property version 1.0 $ip
set_property display_name ${tclWord(`nzflow ${plan.variant}`)} $ip

${plan.axi === undefined ? topInterfaces(plan) : axiInterfaces(plan)}
ipx::create_xgui_files $ip
ipx::update_checksums $ip
ipx::check_integrity $ip
ipx::save_core $ip
`;
}

/** The streams of `nzflow_top`, port by port. */
function topInterfaces(plan: Plan): string {
  const streams = streamsOfTop(plan);
  return `proc stream {ip name mode ports} {
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
${streams
  .map(axisName)
  .map((name) => `ipx::associate_bus_interfaces -busif ${name} -clock clk_i $ip`)
  .join('\n')}
`;
}

/** The buses of `nzflow_axi` are recognised; whether they were, and what belongs to them, is said here. */
function axiInterfaces(plan: Plan): string {
  const { buses, clock, reset } = designBlock(plan);
  return `foreach name {${buses.map(({ name }) => name).join(' ')}} {
  if {[llength [ipx::get_bus_interfaces $name -of_objects $ip]] == 0} { error "no interface $name was recognised" }
  ipx::associate_bus_interfaces -busif $name -clock ${clock} $ip
}
ipx::associate_bus_interfaces -clock ${clock} -reset ${reset} $ip
set registers [ipx::get_address_blocks reg0 -of_objects [ipx::get_memory_maps s_axi -of_objects $ip]]
set_property range ${2 ** registerMap(plan).addressBits} $registers
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
