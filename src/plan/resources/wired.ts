import { ceilLog2 } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { graphAdders, graphLuts, storedForms } from '../wired/offset-form.ts';
import { wordSelect } from './accumulators.ts';
import { amount, sum } from './amount.ts';
import { isAmd } from './family-facts.ts';
import { mappedRegisters } from './wired-registers.ts';

/** LUTs a bit of a sum: some of several sums are the same. */
const lutsPerBit = 0.93;
/** Flip-flops a register bit: low bits that pass by are the same in several sums. */
const registersPerBit = 0.89;

/** wired_window without its store, the additions, wired_pool. */
export function wiredDatapath(
  layer: EngineLayerPlan,
  family: BoardFamily,
  p: (name: string) => number,
): Resources {
  const graph = present(layer.wired, `${layer.name} is wired`);
  const lead = p('LeadBits');
  const x = p('XBits');
  const rows = p('KernelHeight');
  const padded = p('Padded') !== 0;
  const columnBits = rows * p('Channels') * p('ValueBits');
  const flags = 3 * (2 + graph.latency);
  const window = amount({
    lut:
      2 * lead +
      x +
      (padded ? 4 * lead + rows * (lead + p('RowBits')) + columnBits : 0) +
      wordSelect(p('SitesPerBeat'), columnBits),
    // places of the next three steps, each row of a column in the store
    ff: 13 * lead + 2 * x + (rows + 1) * p('RowBits') + columnBits + flags + rows + 27,
  });
  // a LUT adds three words where it has six inputs and two outputs
  const bitsAdded = isAmd(family) ? graphLuts(graph) : graphAdders(graph);
  const registers = mappedRegisters(graph);
  const additions = amount({
    lut: lutsPerBit * bitsAdded + registers.shiftRegisters,
    ff: registersPerBit * registers.flipFlops,
  });
  const { values: atOnce } = layer.choice;
  const forms = storedForms(graph);
  const bitsAtOnce = graph.outputs.reduce((bits, output) => {
    if (output === null) return bits;
    return bits + present(forms[output.node], 'a node').bits;
  }, 0);
  const vectorBits = bitsAtOnce / atOnce;
  const pooled = p('PoolHeight') * p('PoolWidth') > 1;
  const beat = p('DrainWidth') * p('SumBits');
  const pool = amount({
    // a comparison and a choice a bit for those at once, then a comparison a bit and an enable a sum
    lut:
      2 * (bitsAtOnce - vectorBits) +
      (pooled ? vectorBits + layer.outputChannels : 0) +
      wordSelect(layer.drainBeats, beat) +
      6,
    ff:
      bitsAtOnce -
      vectorBits +
      (pooled ? 2 : 1) * vectorBits +
      beat +
      2 * ceilLog2(layer.drainBeats) +
      6,
  });
  return sum([window, additions, pool]);
}
