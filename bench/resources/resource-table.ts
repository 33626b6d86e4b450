import type { Comparison, SweepResults } from './comparison.ts';
import { comparisons, errorsOf, tolerance } from './comparison.ts';

/** An error with its sign. */
export function signedPercent(error: number): string {
  const percent = (error * 100).toFixed(1);
  return error > 0 ? `+${percent} %` : `${percent.replace('-', '−')} %`;
}

function amount(value: number): string {
  return value.toLocaleString('en-US');
}

function pair(comparison: Comparison, kind: 'lut' | 'ff' | 'bram36' | 'dsp'): string {
  return `${amount(comparison.measured[kind])} / ${amount(comparison.model[kind])}`;
}

function row(comparison: Comparison): string {
  const { unit, lutError, ffError } = comparison;
  const cells = [
    unit.name,
    pair(comparison, 'lut'),
    signedPercent(lutError),
    pair(comparison, 'ff'),
    signedPercent(ffError),
    pair(comparison, 'bram36'),
    pair(comparison, 'dsp'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function worst(all: readonly Comparison[], kind: 'lutError' | 'ffError'): string {
  const { mean, most } = errorsOf(all, kind);
  return `${(mean * 100).toFixed(1)} % in the mean, ${(most * 100).toFixed(1)} % at most`;
}

/** docs/resources.md: the model beside what Yosys made of every unit. */
export function resourceTable(results: SweepResults): string {
  const all = comparisons(results);
  const right = all.filter((comparison) => comparison.right).length;
  return `# The resource model beside Yosys

\`node bench/resources/run.mjs\` writes this page; \`node bench/resources/run.mjs sweep\` measures the units again.

Layers of the examples and others, folded in many ways, and what stands between layers, each synthesised flat for UltraScale+
(${results.yosys.replace(/ \(.*/, '')}, \`synth_xilinx -flatten -family xcup\`), weights drawn with a seed. Measured / model: LUTs (with those that are
memory or shift registers), flip-flops, block memories of 36 Kb, multiplier blocks. None has UltraRAM.

LUTs are off by ${worst(all, 'lutError')}, flip-flops by ${worst(all, 'ffError')}; in ${String(right)} of ${String(all.length)} units both are within ${String(tolerance * 100)} % and
block memories and multiplier blocks exact.

| Unit | LUT | Error | FF | Error | BRAM36 | DSP |
| --- | --- | --- | --- | --- | --- | --- |
${all.map(row).join('\n')}
`;
}
