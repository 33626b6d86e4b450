import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoardFamily, Resources } from '../../src/ir/board.ts';
import { amdDefines, readVerilog } from '../../src/synthesize/family-synthesis.ts';

/** Cells of a synthesised design by type. */
export type CellCounts = Readonly<Record<string, number>>;

/** LUTs that the memories and shift registers of Xilinx devices occupy. */
const memoryLuts: Readonly<Record<string, number>> = {
  RAM32M: 4,
  RAM32M16: 8,
  RAM64M: 4,
  RAM64M8: 8,
  RAM32X1S: 1,
  RAM64X1S: 1,
  RAM128X1S: 2,
  RAM256X1S: 4,
  RAM512X1S: 8,
  RAM32X1D: 2,
  RAM64X1D: 2,
  RAM128X1D: 4,
  RAM256X1D: 8,
  SRL16E: 1,
  SRLC32E: 1,
};

const blockHalves: Readonly<Record<string, number>> = {
  RAMB18E1: 1,
  RAMB18E2: 1,
  RAMB36E1: 2,
  RAMB36E2: 2,
};

/** Cells that take none of the counted resources. */
const free = /^(INV|CARRY\d|MUXF[789]|BUFG|GND|VCC)$/;

/** Adds up what the cells occupy. Unknown cells are an error: nothing must be left out. */
export function countResources(cells: CellCounts): Resources {
  const total = { lut: 0, ff: 0, bram36: 0, uram: 0, dsp: 0 };
  for (const [type, count] of Object.entries(cells)) {
    if (/^LUT[1-6](?:_2)?$/.test(type)) total.lut += count;
    else if (type in memoryLuts) total.lut += count * (memoryLuts[type] ?? 0);
    else if (/^FD[RSCP]E$/.test(type)) total.ff += count;
    else if (type in blockHalves) total.bram36 += (count * (blockHalves[type] ?? 0)) / 2;
    else if (/^DSP48E[12]$/.test(type)) total.dsp += count;
    else if (type === 'URAM288') total.uram += count;
    else if (!free.test(type)) throw new Error(`cell ${type} is not counted`);
  }
  return total;
}

export function yosysVersion(): string {
  return execFileSync('yosys', ['-V'], { encoding: 'utf8' }).trim();
}

/** Synthesises a flat design of Verilog and memory files for a family and counts its cells. */
export function synthesise(
  top: string,
  files: readonly { readonly name: string; readonly content: string }[],
  templates: string,
  family: BoardFamily,
): CellCounts {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-sweep-'));
  try {
    for (const file of files) writeFileSync(join(folder, file.name), file.content);
    const sources = readdirSync(templates).filter((name) => name.endsWith('.v'));
    for (const name of sources) copyFileSync(join(templates, name), join(folder, name));
    const verilog = files.map((file) => file.name).filter((name) => name.endsWith('.v'));
    const target = family === 'series7' ? 'xc7' : 'xcup';
    const script = [
      readVerilog([...sources, ...verilog], amdDefines),
      `synth_xilinx -family ${target} -flatten -noiopad -noclkbuf -top ${top}`,
      'tee -o stat.txt stat',
    ];
    writeFileSync(join(folder, 'run.ys'), `${script.join('\n')}\n`);
    execFileSync('yosys', ['-q', '-s', 'run.ys'], {
      cwd: folder,
      maxBuffer: 1 << 28,
      stdio: 'pipe',
    });
    const counts: Record<string, number> = {};
    // modules that keep their hierarchy are added up at the end
    const text = readFileSync(join(folder, 'stat.txt'), 'utf8');
    const sums = text.slice(Math.max(0, text.indexOf('=== design hierarchy ===')));
    for (const line of sums.split('\n')) {
      const match = /^\s+([A-Z][A-Z0-9_]*|\$(?!paramod)\S+)\s+(\d+)$/.exec(line);
      if (match?.[1] !== undefined) counts[match[1]] = Number(match[2]);
    }
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
