import type { Board } from '../../ir/board.ts';
import type { DesignFile, Plan } from '../../ir/plan.ts';
import type { DesignSources } from '../design-sources.ts';
import { tclWord } from '../tcl.ts';
import { componentTcl } from './component-tcl.ts';
import { deviceFamily } from './device-family.ts';

/** Name of the project and of its one revision. */
export const projectName = 'nzflow';
/** The script that compiles the project, and the component for Platform Designer. */
export const buildScript = 'build.tcl';
export const componentScript = 'nzflow_hw.tcl';

/** Where the design is, from the folder of the project (`<variant>/synth/quartus`): all paths are relative. */
const hdl = '../../hdl';

/**
 * Everything Quartus needs beside the design: project, settings, constraints, the script that compiles it, and a
 * component for Platform Designer. Throws `UserError` for a device that is not Intel's.
 */
export function quartusProject(
  plan: Plan,
  board: Board,
  sources: DesignSources,
): readonly DesignFile[] {
  return [
    { name: `${projectName}.qpf`, content: qpf },
    { name: `${projectName}.qsf`, content: qsf(board, sources) },
    { name: 'clock.sdc', content: sdc(plan) },
    { name: buildScript, content: buildTcl(plan) },
    { name: componentScript, content: componentTcl(plan, sources, hdl) },
  ];
}

const qpf = `PROJECT_REVISION = "${projectName}"\n`;

function qsf({ part }: Board, { verilog, memories }: DesignSources): string {
  const family = deviceFamily(part);
  const file = (kind: string, name: string): string =>
    `set_global_assignment -name ${kind} ${tclWord(`${hdl}/${name}`)}`;
  return `# Settings of the project. nzflow_top is a block inside a design: all its ports but the clock are virtual pins.
set_global_assignment -name FAMILY ${tclWord(family)}
set_global_assignment -name DEVICE ${tclWord(part)}
set_global_assignment -name TOP_LEVEL_ENTITY nzflow_top
set_global_assignment -name PROJECT_OUTPUT_DIRECTORY out
set_global_assignment -name VERILOG_INPUT_VERSION VERILOG_2001
# memories are initialised by $readmemh with names without a folder
set_global_assignment -name SEARCH_PATH ${hdl}
${verilog.map((name) => file('VERILOG_FILE', name)).join('\n')}
${memories.map((name) => file('MISC_FILE', name)).join('\n')}
set_global_assignment -name SDC_FILE clock.sdc
set_global_assignment -name OPTIMIZATION_MODE "HIGH PERFORMANCE EFFORT"
set_global_assignment -name NUM_PARALLEL_PROCESSORS ALL
set_instance_assignment -name VIRTUAL_PIN ON -to *
set_instance_assignment -name VIRTUAL_PIN OFF -to clk_i
`;
}

function sdc({ clockMHz }: Plan): string {
  return `# The clock the design was planned for: ${clockMHz} MHz.
create_clock -name clk -period ${(1000 / clockMHz).toFixed(3)} [get_ports clk_i]
derive_clock_uncertainty
# Reset is released in step with the clock by whoever gives it.
set_false_path -from [get_ports rst_ni]
`;
}

function buildTcl({ clockMHz }: Plan): string {
  return `# Compiles the project: quartus_sh -t build.tcl
package require ::quartus::project
load_package flow

set here [file dirname [file normalize [info script]]]
cd $here
project_open -force ${projectName}
# map or syn, fit, asm, sta, as the edition has them
execute_flow -compile
execute_module -tool pow
project_close

# what nzflow reads back
set result [open [file join $here out result.txt] w]
puts $result "quartus $quartus(version)"
puts $result "period ${(1000 / clockMHz).toFixed(3)}"
close $result
`;
}
