import { readdir } from 'node:fs/promises';
import { fail } from '../base/diagnostics.ts';

/** Files of a design for another tool: names within its folder, in a fixed order. */
export interface DesignSources {
  readonly verilog: readonly string[];
  readonly memories: readonly string[];
}

/** Throws `UserError` where there is no design with the top `nzflow_top`. */
export async function designSources(hdlFolder: string): Promise<DesignSources> {
  const names = (await readdir(hdlFolder).catch((): string[] => [])).sort();
  if (!names.includes('nzflow_top.v')) {
    fail('synthesize/no-design', 'there is no nzflow_top.v', {
      place: hdlFolder,
      remedy: 'build again with `nzflow run` or `nzflow compile`',
    });
  }
  return {
    verilog: names.filter((name) => name.endsWith('.v')),
    memories: names.filter((name) => name.endsWith('.mem')),
  };
}
