import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Job, JobOutcome } from '../../src/explore/trial.ts';
import { pointKey } from '../../src/explore/space.ts';

/** An outcome and the processor seconds it took. */
export interface Evaluated {
  readonly outcome: JobOutcome;
  readonly seconds: number;
}

/** Outcomes by task and point in a file of lines: searches of other seeds and later runs have them for nothing. */
export class KnownOutcomes {
  readonly #file: string;
  readonly #known: Map<string, Evaluated>;

  private constructor(file: string, known: Map<string, Evaluated>) {
    this.#file = file;
    this.#known = known;
  }

  static async open(file: string): Promise<KnownOutcomes> {
    await mkdir(dirname(file), { recursive: true });
    const text = await readFile(file, 'utf8').catch(() => '');
    const known = new Map<string, Evaluated>();
    // the last line may not be whole
    for (const line of text.split('\n').slice(0, -1)) {
      const { key, failed, values, seconds } = JSON.parse(line) as Line;
      const outcome: JobOutcome =
        failed === undefined
          ? { kind: 'done', values: new Map(values) }
          : { kind: 'failed', reason: failed };
      known.set(key, { outcome, seconds });
    }
    return new KnownOutcomes(file, known);
  }

  /** The outcome of a job, by `evaluate` where it is not known. */
  async of(job: Job, evaluate: () => Promise<JobOutcome>): Promise<Evaluated> {
    const key = `${String(job.task)} ${pointKey(job.point)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const before = process.cpuUsage();
    const outcome = await evaluate();
    const { user, system } = process.cpuUsage(before);
    const evaluated = { outcome, seconds: (user + system) / 1e6 };
    this.#known.set(key, evaluated);
    const line: Line = {
      key,
      seconds: evaluated.seconds,
      ...(outcome.kind === 'done' ? { values: [...outcome.values] } : { failed: outcome.reason }),
    };
    await appendFile(this.#file, `${JSON.stringify(line)}\n`);
    return evaluated;
  }
}

interface Line {
  readonly key: string;
  readonly seconds: number;
  readonly values?: readonly (readonly [string, number])[];
  readonly failed?: string;
}
