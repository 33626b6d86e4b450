import type { Shell } from '../../ir/board.ts';
import type { DesignFile, Plan } from '../../ir/plan.ts';
import type { DesignSources } from '../design-sources.ts';
import { tclWord } from '../tcl.ts';
import { scriptHead } from './script-head.ts';

export const kernelScript = 'package_kernel.tcl';

/** What makes an XRT kernel object (.xo) of a design, and what links it: nothing for a plan without a kernel. */
export function kernelFiles(
  plan: Plan,
  part: string,
  sources: DesignSources,
): readonly DesignFile[] {
  if (plan.axi?.kernel !== true) return [];
  return [
    { name: kernelScript, content: packageKernelTcl(part, sources) },
    { name: 'kernel.xml', content: kernelXml(plan.axi.dataBits) },
    { name: 'link.cfg', content: linkConfig(plan) },
  ];
}

/** The command that links the kernel for a platform. */
export function linkCommand({ platform }: Shell): string {
  return `v++ -l -t hw --platform ${platform} --config link.cfg -o out/nzflow.xclbin out/nzflow.xo`;
}

function packageKernelTcl(part: string, sources: DesignSources): string {
  return `${scriptHead(`XRT kernel: vivado -mode batch -source ${kernelScript}`, sources)}
set part ${tclWord(part)}
set core [file join $here kernel]
set out [file join $here out]
file mkdir $out

create_project -in_memory -part $part
foreach name $verilog { add_files -norecurse [file join $hdl $name] }
foreach name $memories { add_files -norecurse [file join $hdl $name] }
set_property top nzflow_kernel [current_fileset]
update_compile_order -fileset sources_1
ipx::package_project -root_dir $core -vendor nzflow -library nzflow -taxonomy /KernelIP -import_files -force
set ip [ipx::current_core]
set_property name nzflow_kernel $ip
set_property version 1.0 $ip
set_property sdx_kernel true $ip
set_property sdx_kernel_type rtl $ip
foreach name {s_axi_control m_axi_gmem0 m_axi_gmem1} {
  if {[llength [ipx::get_bus_interfaces $name -of_objects $ip]] == 0} { error "no interface $name was recognised" }
  ipx::associate_bus_interfaces -busif $name -clock ap_clk $ip
}
ipx::associate_bus_interfaces -clock ap_clk -reset ap_rst_n $ip
ipx::create_xgui_files $ip
ipx::update_checksums $ip
ipx::check_integrity $ip
ipx::save_core $ip
package_xo -force -xo_path [file join $out nzflow.xo] -kernel_name nzflow_kernel -ip_directory $core \\
  -kernel_xml [file join $here kernel.xml]
`;
}

/** Arguments as hdl-templates/kernel_control.v has them (UG1393, kernel.xml). */
function kernelXml(dataBits: number): string {
  const memory = (name: string): string =>
    `      <port name="${name}" mode="master" range="0xFFFFFFFFFFFFFFFF" dataWidth="${dataBits}" portType="addressable" base="0x0"/>`;
  const pointer = (name: string, id: number, port: string, offset: string): string =>
    `      <arg name="${name}" addressQualifier="1" id="${id}" port="${port}" size="0x8" offset="${offset}" hostOffset="0x0" hostSize="0x8" type="void*"/>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<root versionMajor="1" versionMinor="6">
  <kernel name="nzflow_kernel" language="ip_c" vlnv="nzflow:nzflow:nzflow_kernel:1.0" attributes="" preferredWorkGroupSizeMultiple="0" workGroupSize="1" interrupt="true" hwControlProtocol="ap_ctrl_hs">
    <ports>
      <port name="s_axi_control" mode="slave" range="0x1000" dataWidth="32" portType="addressable" base="0x0"/>
${memory('m_axi_gmem0')}
${memory('m_axi_gmem1')}
    </ports>
    <args>
      <arg name="count" addressQualifier="0" id="0" port="s_axi_control" size="0x4" offset="0x10" hostOffset="0x0" hostSize="0x4" type="uint"/>
${pointer('inputs', 1, 'm_axi_gmem0', '0x18')}
${pointer('answers', 2, 'm_axi_gmem1', '0x24')}
    </args>
  </kernel>
</root>
`;
}

function linkConfig({ clockMHz }: Plan): string {
  return `# v++ -l --config link.cfg: one kernel, inputs and answers in memories of their own
[connectivity]
nk=nzflow_kernel:1:nzflow_kernel_1
sp=nzflow_kernel_1.m_axi_gmem0:DDR[0]
sp=nzflow_kernel_1.m_axi_gmem1:DDR[1]

[clock]
freqHz=${Math.round(clockMHz * 1e6)}:nzflow_kernel_1
`;
}
