import type { BitActivity, ToggleCounter } from './toggle-counter.ts';
import type { VcdScope, VcdSignal } from './vcd-header.ts';

/** Names of blocks that are made by `generate`: they are part of the names of what is in them. */
const generated = /^gen_/;
/** Names of parameters, which simulators record as signals. */
const parameter = /^[A-Z]/;

/**
 * SAIF 2.0, backward, as `read_saif` of Vivado takes it: an entry a bit, times in picoseconds. Line by line.
 * `scope` is the instance at the top.
 */
export function* saifLines(
  scope: VcdScope,
  counter: ToggleCounter,
  { duration, program }: { readonly duration: number; readonly program: string },
): Generator<string> {
  yield '(SAIFILE';
  yield '(SAIFVERSION "2.0")';
  yield '(DIRECTION "backward")';
  yield `(DESIGN "${scope.name}")`;
  yield `(PROGRAM_NAME "${program}")`;
  yield '(DIVIDER / )';
  yield '(TIMESCALE 1 ps)';
  yield `(DURATION ${duration})`;
  yield* instance(scope, scope.name, counter, '');
  yield ')';
}

interface NamedScope {
  readonly name: string;
  readonly scope: VcdScope;
}

interface NamedSignal {
  readonly name: string;
  readonly signal: VcdSignal;
}

function* instance(
  scope: VcdScope,
  name: string,
  counter: ToggleCounter,
  indent: string,
): Generator<string> {
  yield `${indent}(INSTANCE ${escape(name)}`;
  const { signals, scopes } = flattened(scope, '');
  if (signals.length > 0) {
    yield `${indent}  (NET`;
    for (const { name: own, signal } of signals) {
      const bits = counter.activityOf(signal.code);
      for (const [index, bit] of bits.entries()) {
        yield `${indent}    ${entry(bitName(own, signal, index), bit)}`;
      }
    }
    yield `${indent}  )`;
  }
  for (const inner of scopes) yield* instance(inner.scope, inner.name, counter, `${indent}  `);
  yield `${indent})`;
}

/** Signals and instances of a scope, those in its generate blocks under the name that netlists give them. */
function flattened(
  scope: VcdScope,
  prefix: string,
): { readonly signals: readonly NamedSignal[]; readonly scopes: readonly NamedScope[] } {
  const signals = scope.signals
    .filter(({ name }) => !parameter.test(name))
    .map((signal) => ({ name: `${prefix}${signal.name}`, signal }));
  const scopes: NamedScope[] = [];
  for (const inner of scope.scopes) {
    const name = `${prefix}${inner.name}`;
    if (generated.test(inner.name)) {
      const block = flattened(inner, `${name}.`);
      signals.push(...block.signals);
      scopes.push(...block.scopes);
    } else {
      scopes.push({ name, scope: inner });
    }
  }
  return { signals, scopes };
}

function bitName(name: string, { range }: VcdSignal, index: number): string {
  if (range === null) return name;
  return `${name}[${range.falling ? range.least + index : range.least - index}]`;
}

function entry(name: string, { at0, at1, atX, atZ, toggles }: BitActivity): string {
  return `(${escape(name)} (T0 ${at0}) (T1 ${at1}) (TZ ${atZ}) (TX ${atX}) (TB 0) (TC ${toggles}))`;
}

function escape(name: string): string {
  return name.replaceAll(/[[\]]/g, (bracket) => `\\${bracket}`);
}
