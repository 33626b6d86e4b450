import { present } from '../../base/invariant.ts';
import type { Domain, Parameter, ParameterValue, Point, Space } from '../space.ts';
import { decode, domainSize, encode, pointBy, randomPoint } from '../space.ts';
import type { Uniform } from '../uniform.ts';
import { normal, pick } from '../uniform.ts';

/**
 * A density over a space with conditional parameters: kernels around observed points, all parameters
 * of a kernel together (a multivariate Parzen estimator, so that what goes together stays together),
 * and the even density as one kernel more.
 */
export interface Parzen {
  readonly space: Space;
  readonly points: readonly Point[];
  /** Deviation of a kernel, as a share of the extent of a parameter. */
  readonly deviation: number;
  /** By point and parameter; null where the point has no number there. */
  readonly kernels: readonly (readonly (NumberKernel | null)[])[];
}

/** A normal density cut off at 0 and 1: what of it does not depend on where it is asked for. */
interface NumberKernel {
  readonly middle: number;
  readonly wide: number;
  /** Logarithm of what the exponential is divided by. */
  readonly logScale: number;
}

/** Deviation of kernels around a single point: Optuna's, whose multivariate estimator is the model. */
const magnitude = 0.2;
const leastDeviation = 0.02;

/** Kernels get narrower with their number by Scott's rule. */
export function parzen(space: Space, points: readonly Point[]): Parzen {
  const scott = Math.max(1, points.length) ** (-1 / (space.parameters.length + 4));
  const deviation = Math.max(leastDeviation, magnitude * scott);
  const kernels = points.map((point) =>
    space.parameters.map(({ name, domain }) => numberKernel(domain, point.get(name), deviation)),
  );
  return { space, points, deviation, kernels };
}

function numberKernel(
  domain: Domain,
  centre: ParameterValue | undefined,
  deviation: number,
): NumberKernel | null {
  if (domain.kind === 'categorical' || typeof centre !== 'number') return null;
  const wide = wideEnough(domain, deviation);
  const middle = encode(domain, centre);
  const inside = normalShare((1 - middle) / wide) - normalShare(-middle / wide);
  return { middle, wide, logScale: Math.log(wide * Math.sqrt(2 * Math.PI) * inside) };
}

/** A point drawn from the density. */
export function drawPoint({ space, points, deviation }: Parzen, uniform: Uniform): Point {
  const kernel = points[pick(uniform, points.length + 1)];
  if (kernel === undefined) return randomPoint(space, uniform);
  return pointBy(space, ({ name, domain }) => near(domain, kernel.get(name), deviation, uniform));
}

/** A value of the kernel around `centre`; an even one where the kernel's point does not have it. */
function near(
  domain: Domain,
  centre: ParameterValue | undefined,
  deviation: number,
  uniform: Uniform,
): ParameterValue {
  if (domain.kind === 'categorical') {
    if (centre !== undefined && uniform() >= strayShare(domain.values.length, deviation))
      return centre;
    return present(domain.values[pick(uniform, domain.values.length)], 'a value');
  }
  if (typeof centre !== 'number') return decode(domain, uniform());
  const middle = encode(domain, centre);
  const wide = wideEnough(domain, deviation);
  for (;;) {
    const unit = middle + wide * normal(uniform);
    // At least a half of a kernel lies inside.
    if (unit >= 0 && unit <= 1) return decode(domain, unit);
  }
}

/** Kernels over integers reach the neighbours. */
function wideEnough(domain: Domain, deviation: number): number {
  const size = domainSize(domain);
  return Number.isFinite(size) ? Math.max(deviation, 0.5 / size) : deviation;
}

/** Share of a categorical kernel that is even over all values. */
function strayShare(count: number, deviation: number): number {
  return count <= 1 ? 0 : Math.min(1, 1.5 * deviation);
}

/** Logarithm of the density at a point. */
export function logDensity({ space, points, deviation, kernels }: Parzen, at: Point): number {
  const asked = space.parameters.flatMap((parameter, index): readonly Asked[] => {
    const { name, domain } = parameter;
    const value = at.get(name);
    if (value === undefined) return [];
    const isNumber = domain.kind !== 'categorical' && typeof value === 'number';
    const unit = isNumber ? encode(domain, value) : null;
    return [{ parameter, index, value, unit, logEven: logEven(domain) }];
  });
  const logs = points.map((point, index) => {
    const numbers = present(kernels[index], 'kernels of a point');
    return asked.reduce((sum, one) => sum + logKernel(one, point, numbers, deviation), 0);
  });
  // The even density is 1 over numbers and 1 / count over categories.
  logs.push(asked.reduce((sum, one) => sum + one.logEven, 0));
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
}

/** A parameter of the point that a density is asked for at. */
interface Asked {
  readonly parameter: Parameter;
  readonly index: number;
  readonly value: ParameterValue;
  /** Of a number, from 0 to 1. */
  readonly unit: number | null;
  readonly logEven: number;
}

function logEven(domain: Domain): number {
  return domain.kind === 'categorical' ? -Math.log(domain.values.length) : 0;
}

function logKernel(
  { parameter, index, value, unit, logEven: even }: Asked,
  point: Point,
  numbers: readonly (NumberKernel | null)[],
  deviation: number,
): number {
  const { name, domain } = parameter;
  if (domain.kind === 'categorical') {
    const centre = point.get(name);
    if (centre === undefined) return even;
    const stray = strayShare(domain.values.length, deviation);
    const share = stray / domain.values.length;
    return Math.log(Math.max(1e-12, value === centre ? 1 - stray + share : share));
  }
  const kernel = numbers[index] ?? null;
  if (kernel === null || unit === null) return even;
  const off = (unit - kernel.middle) / kernel.wide;
  return -0.5 * off * off - kernel.logScale;
}

/** Share of the standard normal distribution below a value (Abramowitz and Stegun 26.2.17). */
function normalShare(value: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(value));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp(-0.5 * value * value) / Math.sqrt(2 * Math.PI)) * series;
  return value >= 0 ? 1 - tail : tail;
}
