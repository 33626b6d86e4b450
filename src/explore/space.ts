import { present, unreachable } from '../base/invariant.ts';
import type { Uniform } from './uniform.ts';
import { pick } from './uniform.ts';

export type ParameterValue = number | string | boolean;

/** What values a parameter takes. */
export type Domain =
  | {
      readonly kind: 'real' | 'integer';
      readonly low: number;
      readonly high: number;
      /** Drawn evenly over its logarithm. */
      readonly log: boolean;
    }
  | { readonly kind: 'categorical'; readonly values: readonly ParameterValue[] };

export interface Parameter {
  readonly name: string;
  readonly domain: Domain;
  /** It exists where all of these hold; always when empty. */
  readonly when: readonly Condition[];
}

/** Another parameter exists and has one of these values. */
export interface Condition {
  readonly parameter: string;
  readonly values: readonly ParameterValue[];
}

/** Parameters, each after all those it depends on. */
export interface Space {
  readonly parameters: readonly Parameter[];
}

/** A value for each parameter that exists in this place of the space, in the order of the space. */
export type Point = ReadonlyMap<string, ParameterValue>;

export function isActive(parameter: Parameter, point: Point): boolean {
  return parameter.when.every(({ parameter: name, values }) => {
    const value = point.get(name);
    return value !== undefined && values.includes(value);
  });
}

/** Takes a value for each parameter that exists, given those before it. */
export function pointBy(space: Space, choose: (parameter: Parameter) => ParameterValue): Point {
  const point = new Map<string, ParameterValue>();
  for (const parameter of space.parameters)
    if (isActive(parameter, point)) point.set(parameter.name, choose(parameter));
  return point;
}

export function randomPoint(space: Space, uniform: Uniform): Point {
  return pointBy(space, ({ domain }) =>
    domain.kind === 'categorical'
      ? present(domain.values[pick(uniform, domain.values.length)], 'a value')
      : decode(domain, uniform()),
  );
}

/** Equal for equal points. */
export function pointKey(point: Point): string {
  return JSON.stringify([...point]);
}

type Numeric = Extract<Domain, { kind: 'real' | 'integer' }>;

/** An integer stands for the half units around it, so that all are drawn alike. */
function bounds({ kind, low, high, log }: Numeric): readonly [number, number] {
  const margin = kind === 'integer' ? 0.5 : 0;
  const at = log ? Math.log : (value: number): number => value;
  // A logarithm of an integer domain may begin at 1, whose lower half unit is above 0.
  return [at(low - margin), at(high + margin)];
}

/** Value of a number of 0 to 1. */
export function decode(domain: Numeric, unit: number): number {
  const [low, high] = bounds(domain);
  const at = low + (high - low) * Math.min(1, Math.max(0, unit));
  const value = domain.log ? Math.exp(at) : at;
  const kept = domain.kind === 'integer' ? Math.round(value) : value;
  return Math.min(domain.high, Math.max(domain.low, kept));
}

/** The number of 0 to 1 a value stands at. */
export function encode(domain: Numeric, value: number): number {
  const [low, high] = bounds(domain);
  if (high === low) return 0.5;
  return ((domain.log ? Math.log(value) : value) - low) / (high - low);
}

/** How many values there are; Infinity for real numbers. */
export function domainSize(domain: Domain): number {
  switch (domain.kind) {
    case 'categorical':
      return domain.values.length;
    case 'integer':
      return domain.high - domain.low + 1;
    case 'real':
      return domain.low === domain.high ? 1 : Number.POSITIVE_INFINITY;
    default:
      return unreachable(domain);
  }
}
