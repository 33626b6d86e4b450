import { InvariantError } from './base/invariant.ts';
import type {
  CompileOptions,
  Host,
  InspectOptions,
  Outcome,
  ReportOptions,
  RunOptions,
  SimulateOptions,
  SynthesizeOptions,
} from './options.ts';

export function runModel(_options: RunOptions, _host: Host): Promise<Outcome> {
  return Promise.reject(new InvariantError('not wired'));
}

export function inspectModel(_options: InspectOptions, _host: Host): Promise<Outcome> {
  return Promise.reject(new InvariantError('not wired'));
}

export function compileModel(_options: CompileOptions, _host: Host): Promise<Outcome> {
  return Promise.reject(new InvariantError('not wired'));
}

export function simulateBuild(_options: SimulateOptions, _host: Host): Promise<Outcome> {
  return Promise.reject(new InvariantError('not wired'));
}

export function synthesizeBuild(_options: SynthesizeOptions, _host: Host): Promise<Outcome> {
  return Promise.reject(new InvariantError('not wired'));
}

export function reportBuild(_options: ReportOptions, _host: Host): Promise<Outcome> {
  return Promise.reject(new InvariantError('not wired'));
}
