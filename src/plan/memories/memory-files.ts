import { invariant, present } from '../../base/invariant.ts';
import type { EngineLayerPlan, LayerChoice, TailPlan } from '../../ir/plan.ts';
import type { Parameters } from '../lower/engine-geometry.ts';
import { groupsOf } from '../lower/lower-tail.ts';

function digitsFor(count: number): number {
  invariant(count <= 100_000, 'numbers of memories have at most the five digits templates write');
  return Math.max(3, String(count - 1).length);
}

function numberedFiles(prefix: string, count: number, digits: number): readonly string[] {
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
  const digits = digitsFor(weights);
  return {
    ...(core === 'wired' || choice.streamWeights === true
      ? {}
      : { WeightFile: numberedFiles(`${prefix}_weights`, weights, digits) }),
    ...(queues > 0 ? { PointerFile: numberedFiles(`${prefix}_pointers`, lanes, digits) } : {}),
    ...(choice.channelLanes ? { TurnFile: [`${prefix}_turns.mem`] } : {}),
    ParamFile: [`${prefix}_outputs.mem`],
    PermFile: Array.from({ length: groupsOf(tail) }, (_, group) => orderFile(prefix, tail, group)),
  };
}

function orderFile(prefix: string, tail: TailPlan, group: number): string {
  if (tail.kind !== 'histogram') return 'none.mem';
  return `${prefix}_order${tail.groups === 1 ? '' : group}.mem`;
}

/** What `window_engine` wants to know of these names. */
export function fileNameParameters(files: EngineLayerPlan['files']): Parameters {
  const { WeightFile: weights } = files;
  return {
    ...(weights === undefined ? {} : { FileDigits: digitsFor(weights.length) }),
    PermChars: present(files['PermFile']?.[0], 'PermFile').length,
  };
}

/** Names that `window_engine` numbers itself, with the prefix it gets in place of a list. */
const numbered: readonly string[] = ['WeightFile', 'PointerFile'];

/**
 * A parameter of `window_engine` for the names: a list would be longer than the numbers that
 * simulators take where a layer has hundreds of memories.
 */
export function fileParameter(parameter: string, names: readonly string[]): string {
  const first = present(names[0], 'a layer names its files');
  if (numbered.includes(parameter)) return `"${first.replace(/\d+\.mem$/, '')}"`;
  const strings = names.map((name) => `"${name}"`);
  return strings.length === 1 ? strings.join('') : `{${strings.join(', ')}}`;
}
