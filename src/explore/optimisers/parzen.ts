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
}

/** Deviation of kernels around a single point: Optuna's, whose multivariate estimator is the model. */
const magnitude = 0.2;
const leastDeviation = 0.02;

/** Kernels get narrower with their number by Scott's rule. */
export function parzen(space: Space, points: readonly Point[]): Parzen {
  const scott = Math.max(1, points.length) ** (-1 / (space.parameters.length + 4));
  return { space, points, deviation: Math.max(leastDeviation, magnitude * scott) };
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
export function logDensity({ space, points, deviation }: Parzen, at: Point): number {
  const active = space.parameters.filter(({ name }) => at.has(name));
  const logs = points.map((kernel) =>
    active.reduce((sum, parameter) => sum + logKernel(parameter, kernel, at, deviation), 0),
  );
  // The even density is 1 over numbers and 1 / count over categories.
  logs.push(active.reduce((sum, { domain }) => sum + logEven(domain), 0));
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
}

function logEven(domain: Domain): number {
  return domain.kind === 'categorical' ? -Math.log(domain.values.length) : 0;
}

function logKernel(
  { name, domain }: Parameter,
  kernel: Point,
  at: Point,
  deviation: number,
): number {
  const centre = kernel.get(name);
  const value = at.get(name);
  if (centre === undefined) return logEven(domain);
  if (domain.kind === 'categorical') {
    const stray = strayShare(domain.values.length, deviation);
    const even = stray / domain.values.length;
    return Math.log(Math.max(1e-12, value === centre ? 1 - stray + even : even));
  }
  if (typeof centre !== 'number' || typeof value !== 'number') return 0;
  const wide = wideEnough(domain, deviation);
  const middle = encode(domain, centre);
  const inside = normalShare((1 - middle) / wide) - normalShare(-middle / wide);
  const off = (encode(domain, value) - middle) / wide;
  return -0.5 * off * off - Math.log(wide * Math.sqrt(2 * Math.PI) * inside);
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
