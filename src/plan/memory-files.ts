import { present } from '../base/invariant.ts';
import type { EngineLayerPlan, LayerChoice, TailPlan } from '../ir/plan.ts';
import type { Parameters } from './engine-geometry.ts';
import { groupsOf } from './lower-tail.ts';

/** Numbered names, all of the same length. */
function numberedFiles(prefix: string, count: number): readonly string[] {
  const digits = Math.max(3, String(count - 1).length);
  return Array.from(
    { length: count },
    (_, number) => `${prefix}${String(number).padStart(digits, '0')}.mem`,
  );
}

/** Names of the memory images; `none.mem` is a parameter nobody reads. */
export function memoryFiles(
  index: number,
  choice: LayerChoice,
  tail: TailPlan,
): EngineLayerPlan['files'] {
  const { core, lanes, queues } = choice;
  const prefix = `layer${String(index).padStart(2, '0')}`;
  const weights = core === 'dense' ? 1 : lanes * Math.max(1, queues);
  return {
    ...(core === 'wired' ? {} : { WeightFiles: numberedFiles(`${prefix}_weights`, weights) }),
    ...(queues > 0 ? { PointerFiles: numberedFiles(`${prefix}_pointers`, lanes) } : {}),
    ...(choice.channelLanes ? { TurnFile: [`${prefix}_turns.mem`] } : {}),
    ParamFile: [`${prefix}_outputs.mem`],
    PermFile: Array.from({ length: groupsOf(tail) }, (_, group) => orderFile(prefix, tail, group)),
  };
}

function orderFile(prefix: string, tail: TailPlan, group: number): string {
  if (tail.kind !== 'histogram') return 'none.mem';
  return `${prefix}_order${tail.groups === 1 ? '' : group}.mem`;
}

/** Characters of these names, as `window_engine` wants to know them. */
export function fileCharacters(files: EngineLayerPlan['files']): Parameters {
  const length = (names: string): number => present(files[names]?.[0], names).length;
  return {
    ...('WeightFiles' in files ? { FileChars: length('WeightFiles') } : {}),
    PermChars: length('PermFile'),
    ...('PointerFiles' in files ? { PointerFileChars: length('PointerFiles') } : {}),
  };
}
