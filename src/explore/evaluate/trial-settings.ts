import type { Diagnostic } from '../../base/diagnostics.ts';
import { UserError } from '../../base/diagnostics.ts';
import { suggestion } from '../../base/suggest.ts';
import type { Graph, WindowLayer } from '../../ir/graph.ts';
import { unitKinds } from '../../plan/planner-options.ts';
import type { UnitKind } from '../../plan/planner-options.ts';
import { isPrunable, takesWinners, weightShape } from '../../sparsify/plan/layer-goal.ts';
import type { LayerGoal, SparsityPlan } from '../../sparsify/plan/layer-goal.ts';
import type { Pattern } from '../../sparsify/prune/pattern.ts';
import type { ParameterValue, Point, Space } from '../space.ts';

/** What a point of the space means for a network and its hardware. */
export interface TrialSettings {
  readonly sparsity: SparsityPlan;
  /** Name or path of the board. */
  readonly board: string;
  readonly clockMHz: number | null;
  /** Share of the board that may be used. */
  readonly usableShare: number | null;
  /** Inferences a second to reach with as little as possible; null: as many as fit. */
  readonly targetThroughput: number | null;
  /** Microseconds for one inference, with one copy. */
  readonly targetLatencyUs: number | null;
  /** Copies at most; null: as many as fit. */
  readonly mostCopies: number | null;
  /** By layer, where the planner has no choice. */
  readonly units: ReadonlyMap<string, UnitKind>;
  readonly weightBits: number;
  readonly activationBits: number;
}

/** The planner chooses the unit. */
const anyUnit = 'any';

/** Parameters of the network as a whole, and what they may be. */
const globals: Readonly<Record<string, (value: ParameterValue) => string | null>> = {
  board: (value) => (typeof value === 'string' ? null : 'the name of a board'),
  clockMHz: between(1, 2000),
  usableShare: between(0.01, 1),
  targetThroughput: between(1e-3, 1e12),
  targetLatencyUs: between(1e-3, 1e9),
  copies: whole(1, 256),
  weightBits: whole(2, 8),
  activationBits: whole(2, 8),
};

/** Parameters of a layer, as `density.<layer>`; without a layer they are for all that have none of their own. */
const ofLayers: Readonly<Record<string, (value: ParameterValue) => string | null>> = {
  density: between(1e-4, 1),
  pattern: (value) =>
    value === 'unstructured' || value === 'complementary' ? null : 'unstructured or complementary',
  setSize: whole(1, 4096),
  unit: (value) =>
    value === anyUnit || unitKinds.some((kind) => kind === value)
      ? null
      : `one of: ${[anyUnit, ...unitKinds].join(', ')}`,
  kwta: (value) =>
    typeof value === 'number' && value > 0 && (value <= 1 || Number.isInteger(value))
      ? null
      : 'a share of the channels up to 1, or a number of winners',
};

function between(low: number, high: number): (value: ParameterValue) => string | null {
  return (value) =>
    typeof value === 'number' && value >= low && value <= high
      ? null
      : `a number from ${String(low)} to ${String(high)}`;
}

function whole(low: number, high: number): (value: ParameterValue) => string | null {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
      ? null
      : `an integer from ${String(low)} to ${String(high)}`;
}

/**
 * Refuses parameters that the network does not have and values that it cannot take, all at once
 * (`UserError` at `place`).
 */
export function checkParameters(
  graph: Graph,
  { parameters }: Space,
  constants: ReadonlyMap<string, ParameterValue>,
  place: string,
): void {
  const mistakes: Diagnostic[] = [];
  const refuse = (name: string, message: string, remedy: string): void => {
    mistakes.push({
      code: 'explore/bad-parameter',
      message,
      place: `${place}: parameters.${name}`,
      remedy,
    });
  };
  const extremes = parameters.map(
    ({ name, domain }): readonly [string, readonly ParameterValue[]] => [
      name,
      domain.kind === 'categorical' ? domain.values : [domain.low, domain.high],
    ],
  );
  const all = [...extremes, ...[...constants].map(([name, value]) => [name, [value]] as const)];
  for (const [name, values] of all) {
    const rule = ruleOf(graph, name);
    const missing = withoutLayers(graph, name);
    if (missing !== null) {
      refuse(name, missing, 'search another network, or leave the parameter out');
      continue;
    }
    if (rule === null) {
      const known = knownNames(graph);
      refuse(name, 'there is no such parameter', suggestion(name, known));
      continue;
    }
    for (const value of values) {
      const wanted = rule(value);
      if (wanted !== null) refuse(name, `it cannot be ${String(value)}`, `it is ${wanted}`);
    }
  }
  if (!all.some(([name]) => name === 'board'))
    refuse('board', 'no board is given', 'add "board: alveo-u250"; `nzflow boards` lists them');
  if (mistakes.length > 0) throw new UserError(mistakes);
}

function ruleOf(graph: Graph, name: string): ((value: ParameterValue) => string | null) | null {
  if (Object.hasOwn(globals, name)) return globals[name] ?? null;
  const [kind = '', ...rest] = name.split('.');
  if (!Object.hasOwn(ofLayers, kind)) return null;
  if (rest.length === 0) return ofLayers[kind] ?? null;
  const layer = graph.layers.find((one) => one.name === rest.join('.'));
  if (layer === undefined) return null;
  const can = kind === 'kwta' ? takesWinners(graph, layer) : isPrunable(layer);
  return can ? (ofLayers[kind] ?? null) : null;
}

/** Why a parameter of all layers has none to be for; null where it has. */
function withoutLayers(graph: Graph, name: string): string | null {
  if (!Object.hasOwn(ofLayers, name)) return null;
  if (name === 'kwta')
    return graph.layers.some((layer) => takesWinners(graph, layer))
      ? null
      : 'the network has no ReLU behind a layer that a k-WTA could take the place of';
  return graph.layers.some(isPrunable)
    ? null
    : 'the network cannot be made sparse: none of its layers has weights that may be zero';
}

/** All names there are for a network. */
export function knownNames(graph: Graph): readonly string[] {
  const layered = graph.layers.flatMap((layer) => [
    ...(isPrunable(layer)
      ? ['density', 'pattern', 'setSize', 'unit'].map((one) => `${one}.${layer.name}`)
      : []),
    ...(takesWinners(graph, layer) ? [`kwta.${layer.name}`] : []),
  ]);
  return [...Object.keys(globals), ...Object.keys(ofLayers), ...layered];
}

/** What a point and the constants beside it ask for. */
export function trialSettings(
  graph: Graph,
  constants: ReadonlyMap<string, ParameterValue>,
  point: Point,
): TrialSettings {
  const value = (name: string): ParameterValue | undefined =>
    point.get(name) ?? constants.get(name);
  const number = (name: string): number | null => {
    const given = value(name);
    return typeof given === 'number' ? given : null;
  };
  const ofLayer = (kind: string, layer: string): ParameterValue | undefined =>
    value(`${kind}.${layer}`) ?? value(kind);
  const sparsity = graph.layers.map((layer): LayerGoal => {
    const kwta = ofLayer('kwta', layer.name);
    return {
      name: layer.name,
      pattern: isPrunable(layer) ? patternOf(layer, (kind) => ofLayer(kind, layer.name)) : null,
      kWinners:
        typeof kwta === 'number' && takesWinners(graph, layer)
          ? winners(kwta, layer.outputShape.channels)
          : null,
    };
  });
  const units = graph.layers.flatMap(({ name }): readonly (readonly [string, UnitKind])[] => {
    const unit = unitKinds.find((kind) => kind === ofLayer('unit', name));
    return unit === undefined ? [] : [[name, unit]];
  });
  const board = value('board');
  return {
    sparsity,
    board: typeof board === 'string' ? board : '',
    clockMHz: number('clockMHz'),
    usableShare: number('usableShare'),
    targetThroughput: number('targetThroughput'),
    targetLatencyUs: number('targetLatencyUs'),
    mostCopies: number('copies'),
    units: new Map(units),
    weightBits: number('weightBits') ?? 8,
    activationBits: number('activationBits') ?? 8,
  };
}

/** A share of the channels (all of them: no k-WTA), or a number; null where all win. */
function winners(given: number, channels: number): number | null {
  const count = given <= 1 ? Math.max(1, Math.round(given * channels)) : given;
  return count >= channels ? null : count;
}

function patternOf(
  layer: WindowLayer,
  value: (kind: string) => ParameterValue | undefined,
): Pattern {
  const density = value('density');
  const setSize = value('setSize');
  const share = typeof density === 'number' ? levelOf(density) : 1;
  if (value('pattern') !== 'complementary')
    return share >= 1 ? { kind: 'dense' } : { kind: 'unstructured', density: share };
  const wanted = typeof setSize === 'number' ? setSize : Math.ceil(1 / share);
  const size = Math.min(wanted, weightShape(layer).outputs / layer.groups);
  return size <= 1 ? { kind: 'dense' } : { kind: 'complementary', setSize: size };
}

/** Levels a factor of ten of densities. */
const levelsOfTen = 16;

/**
 * Densities come in steps of 15 per cent: layers of a density are made once for all trials, and a
 * smaller step would change the accuracy by less than its noise.
 */
export function levelOf(density: number): number {
  const level = 10 ** (Math.round(Math.log10(density) * levelsOfTen) / levelsOfTen);
  return Math.min(1, Number(level.toPrecision(6)));
}
