/**
 * Numbers as people read them. Every function is total: what is not finite or not known
 * becomes an en dash, never `NaN`. Spaces inside a quantity do not break.
 */

/** Shown where there is no number. */
export const missing = '–';

const nbsp = '\u00a0';

const prefixes = [
  { factor: 1e12, symbol: 'T' },
  { factor: 1e9, symbol: 'G' },
  { factor: 1e6, symbol: 'M' },
  { factor: 1e3, symbol: 'k' },
  { factor: 1, symbol: '' },
  { factor: 1e-3, symbol: 'm' },
  { factor: 1e-6, symbol: 'µ' },
  { factor: 1e-9, symbol: 'n' },
  { factor: 1e-12, symbol: 'p' },
] as const;

/** Three significant digits, no exponent, thousands grouped: `0.0123`, `1.23`, `12.3`, `1,234`. */
export function formatSignificant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return missing;
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))));
  const decimals = Math.max(0, Math.min(12, digits - 1 - magnitude));
  return group(value.toFixed(decimals));
}

/** With an SI prefix: `2.55 M/s`, `12.3 µJ`, `703 k`. `unit` may be empty or begin with `/`. */
export function formatSi(value: number | null, unit = '', digits = 3): string {
  if (value === null || !Number.isFinite(value)) return missing;
  if (value === 0) return joinUnit('0', '', unit);
  const rounded = Math.abs(Number(value.toPrecision(digits)));
  const prefix = prefixes.find(({ factor }) => rounded >= factor) ?? { factor: 1e-12, symbol: 'p' };
  return joinUnit(formatSignificant(value / prefix.factor, digits), prefix.symbol, unit);
}

/** A whole number with thousands grouped: `13,912,400`. */
export function formatCount(value: number | null): string {
  return value === null || !Number.isFinite(value) ? missing : group(value.toFixed(0));
}

/** Cells of a kind: whole, but for halves of a block memory. */
export function formatCells(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : group(value.toFixed(1));
}

/** Cycles: whole where it matters not, one decimal below 100 where there is a fraction. */
export function formatCycles(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return missing;
  return Number.isInteger(value) || value >= 100 ? formatCount(value) : value.toFixed(1);
}

/** How many times: `7.7×`, `0.83×`, `112×`. */
export function formatRatio(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return missing;
  if (value === 0) return '0×';
  const digits = Math.abs(value) >= 9.95 && Math.abs(value) < 99.95 ? 3 : 2;
  return `${Math.abs(value) >= 99.95 ? group(value.toFixed(0)) : formatSignificant(value, digits)}×`;
}

/** A share 0..1 as a percentage: `95.0 %`, `0.4 %`, `<0.1 %`, `0 %`. */
export function formatPercent(share: number | null, decimals = 1): string {
  if (share === null || !Number.isFinite(share)) return missing;
  if (share === 0) return `0${nbsp}%`;
  const smallest = 10 ** -decimals;
  const percent = share * 100;
  if (percent > 0 && percent < smallest / 2) return `<${smallest.toFixed(decimals)}${nbsp}%`;
  return `${group(percent.toFixed(decimals))}${nbsp}%`;
}

/** A difference of two shares in percentage points, signed: `−0.3 points`, `+0.4 points`. */
export function formatPoints(difference: number): string {
  if (!Number.isFinite(difference)) return missing;
  const text = Math.abs(difference * 100).toFixed(1);
  const sign = text === '0.0' ? '±' : difference < 0 ? '−' : '+';
  return `${sign}${text}${nbsp}points`;
}

/** Microseconds with the prefix that fits: `3.42 µs`, `812 ns`, `1.20 ms`. */
export function formatMicroseconds(value: number | null): string {
  return formatSi(value === null ? null : value * 1e-6, 's');
}

/** Microjoules with the prefix that fits: `12.3 µJ`, `812 nJ`, `1.20 mJ`. */
export function formatMicrojoules(value: number | null, digits = 3): string {
  return formatSi(value === null ? null : value * 1e-6, 'J', digits);
}

/** A clock: `250 MHz`, `156.25 MHz`. */
export function formatMegahertz(value: number): string {
  if (!Number.isFinite(value)) return missing;
  return `${group(String(Number(value.toFixed(3))))}${nbsp}MHz`;
}

/** `1 sample`, `300 samples`. */
export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : many}`;
}

/** `1 × 32 × 32`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? missing : shape.join(`${nbsp}×${nbsp}`);
}

function joinUnit(number: string, prefix: string, unit: string): string {
  if (prefix === '' && unit === '') return number;
  if (prefix === '' && unit.startsWith('/')) return `${number}${nbsp}${unit}`;
  return `${number}${nbsp}${prefix}${unit}`;
}

function group(fixed: string): string {
  const [whole = '', decimals] = fixed.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}
