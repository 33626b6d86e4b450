import type { Plan } from '../../ir/plan.ts';
import type { DesignSources } from '../design-sources.ts';
import { tclWord } from '../tcl.ts';
import { designBlock } from '../top-ports.ts';
import type { BusInterface, DesignBlock, InterfacePort } from '../top-ports.ts';

/** What Platform Designer calls the interfaces; `end` is a slave, `start` a master in every edition. */
const kinds = { 'axi4-stream': 'axi4stream', 'axi4-lite': 'axi4lite' } as const;

/**
 * `_hw.tcl`: the design as a component of Platform Designer. Its parameters tell what it was planned for;
 * the one that is looked up, the clock it gets, is compared with that.
 */
export function componentTcl(plan: Plan, sources: DesignSources, hdl: string): string {
  const block = designBlock(plan);
  const title = `nzflow ${plan.variant}`;
  return `# Component for Platform Designer: put this folder on the IP search path of a project.
package require -exact qsys 16.1

set_module_property NAME nzflow_${plan.variant.replaceAll('-', '_')}
set_module_property VERSION 1.0
set_module_property DISPLAY_NAME ${tclWord(title)}
set_module_property DESCRIPTION {Sparse neural network as a streaming pipeline}
set_module_property GROUP nzflow
set_module_property AUTHOR nzflow
set_module_property EDITABLE false
set_module_property INTERNAL false
set_module_property VALIDATION_CALLBACK validate

# ---- files: the same for synthesis and simulation
${['QUARTUS_SYNTH', 'SIM_VERILOG'].map((fileset) => filesetTcl(fileset, block, sources, hdl)).join('\n')}

# ---- parameters
add_parameter PLANNED_CLOCK_HZ LONG ${Math.round(plan.clockMHz * 1e6)}
set_parameter_property PLANNED_CLOCK_HZ DISPLAY_NAME {Clock the design was planned for}
set_parameter_property PLANNED_CLOCK_HZ UNITS Hertz
set_parameter_property PLANNED_CLOCK_HZ ENABLED false
set_parameter_property PLANNED_CLOCK_HZ HDL_PARAMETER false
add_parameter COPIES INTEGER ${plan.copies}
set_parameter_property COPIES DISPLAY_NAME {Copies of the network}
set_parameter_property COPIES ENABLED false
set_parameter_property COPIES HDL_PARAMETER false
add_parameter CLOCK_HZ LONG 0
set_parameter_property CLOCK_HZ DISPLAY_NAME {Clock of the system}
set_parameter_property CLOCK_HZ UNITS Hertz
set_parameter_property CLOCK_HZ HDL_PARAMETER false
set_parameter_property CLOCK_HZ SYSTEM_INFO {CLOCK_RATE clock}

proc validate {} {
  set clock [get_parameter_value CLOCK_HZ]
  set planned [get_parameter_value PLANNED_CLOCK_HZ]
  if {$clock > $planned} {
    send_message warning "the clock of $clock Hz is faster than the $planned Hz that the design was planned for"
  }
}

# ---- interfaces
add_interface clock clock end
set_interface_property clock clockRate 0
add_interface_port clock ${block.clock} clk Input 1

add_interface reset reset end
set_interface_property reset associatedClock clock
set_interface_property reset synchronousEdges BOTH
add_interface_port reset ${block.reset} reset_n Input 1
${block.buses.map(busTcl).join('')}${signalsTcl(block)}`;
}

function filesetTcl(
  fileset: string,
  { module }: DesignBlock,
  { verilog, memories }: DesignSources,
  hdl: string,
): string {
  const file = (name: string, kind: string, more = ''): string =>
    `add_fileset_file ${tclWord(name)} ${kind} PATH ${tclWord(`${hdl}/${name}`)}${more}`;
  return [
    `add_fileset ${fileset} ${fileset} "" ""`,
    `set_fileset_property ${fileset} TOP_LEVEL ${module}`,
    ...verilog.map((name) =>
      file(name, 'VERILOG', name === `${module}.v` ? ' TOP_LEVEL_FILE' : ''),
    ),
    ...memories.map((name) => file(name, 'OTHER')),
  ].join('\n');
}

/** What belongs to no bus leaves the system as it is. */
function signalsTcl({ signals }: DesignBlock): string {
  if (signals.length === 0) return '';
  return `
add_interface status conduit end
set_interface_property status associatedClock clock
set_interface_property status associatedReset reset
${signals.map(portTcl('status')).join('\n')}
`;
}

function portTcl(name: string): (port: InterfacePort) => string {
  return ({ role, port, direction, bits }) =>
    `add_interface_port ${name} ${port} ${role} ${direction === 'input' ? 'Input' : 'Output'} ${bits}`;
}

function busTcl({ name, kind, side, ports, meaning }: BusInterface): string {
  return `
# ${meaning}
add_interface ${name} ${kinds[kind]} ${side === 'slave' ? 'end' : 'start'}
set_interface_property ${name} associatedClock clock
set_interface_property ${name} associatedReset reset
${ports.map(portTcl(name)).join('\n')}
`;
}
