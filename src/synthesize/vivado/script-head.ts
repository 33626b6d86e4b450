import type { DesignSources } from '../design-sources.ts';
import { tclList } from '../tcl.ts';

/** Where the script is and what it reads. */
export function scriptHead(what: string, { verilog, memories }: DesignSources): string {
  return `# ${what}
set here [file dirname [file normalize [info script]]]
set hdl [file normalize [file join $here .. .. hdl]]
set verilog ${tclList(verilog)}
set memories ${tclList(memories)}
`;
}
