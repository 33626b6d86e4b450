import type { Plan } from '../ir/plan.ts';

/** A stream at the ports of `nzflow_top`: `<name>_valid_i`, `<name>_ready_o`, … or the other way round. */
export interface TopStream {
  readonly name: string;
  readonly direction: 'input' | 'output';
  readonly beatBits: number;
  /** Whether it has `<name>_last`. */
  readonly last: boolean;
  readonly meaning: string;
}

/** All streams of a design's top, in the order of its ports. */
export function streamsOfTop({ load, weightStream, input, output }: Plan): readonly TopStream[] {
  const loaded: readonly TopStream[] =
    load === undefined
      ? []
      : [
          {
            name: 'load',
            direction: 'input',
            beatBits: load.beatBits,
            last: true,
            meaning: 'weights, once before the first inference',
          },
        ];
  const streamed: readonly TopStream[] =
    weightStream === undefined
      ? []
      : [
          {
            name: 'weight',
            direction: 'input',
            beatBits: weightStream.beatBits,
            last: false,
            meaning: 'weights from memory, again for every inference of all copies',
          },
        ];
  return [
    ...loaded,
    ...streamed,
    {
      name: 'in',
      direction: 'input',
      beatBits: input.beatBits,
      last: true,
      meaning: 'inputs, last with the last beat of an inference',
    },
    {
      name: 'out',
      direction: 'output',
      beatBits: output.beatBits,
      last: true,
      meaning: 'answers, last with the last beat of an inference',
    },
  ];
}

/** The port of a stream: `in_valid_i`, `out_ready_i`, `in_data_i`. */
export function portOf(
  { name, direction }: TopStream,
  signal: 'valid' | 'ready' | 'last' | 'data',
): string {
  const intoTop = (direction === 'input') !== (signal === 'ready');
  return `${name}_${signal}_${intoTop ? 'i' : 'o'}`;
}
