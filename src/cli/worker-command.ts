import { Option } from 'commander';
import type { Command } from 'commander';
import { fail } from '../base/diagnostics.ts';
import type { ExploreWorkerOptions } from '../options.ts';
import { nonEmpty, positiveInteger, positiveNumber } from './option-values.ts';

interface WorkerFlags {
  readonly workers?: number;
  readonly idle?: number;
  readonly json?: boolean;
}

/** Adds `nzflow worker` to the program: a machine more for the searches on a server. */
export function addWorkerCommand(
  program: Command,
  work: (options: ExploreWorkerOptions, json: boolean) => Promise<void>,
): void {
  const command = program
    .command('worker')
    .description('Works for searches that were started with `nzflow explore --queue`.')
    .argument('[redis://host:6379/0]', 'the Redis or Valkey server; rediss:// for TLS')
    .addOption(
      new Option('--workers <n>', 'trials at once (default: one a processor)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option(
        '--idle <minutes>',
        'end after so long without a search (default: stay until Ctrl-C)',
      ).argParser(positiveNumber),
    )
    .addOption(new Option('--json', 'machine-readable result on stdout, everything else on stderr'))
    .addHelpText(
      'after',
      `
Examples:
  $ nzflow explore explore.yaml --queue redis://10.0.0.1      # on one machine
  $ nzflow worker redis://10.0.0.1                            # on each of the others
  $ nzflow worker rediss://queue.example.com:6380/2 --workers 4 --idle 10

Workers come and go as they like; what one of them leaves unfinished another one takes over. They need no
files: those of a search come over the server. NZFLOW_QUEUE_PASSWORD holds a password that is not to be on
the command line.`,
    );
  command.action(async (queue: unknown) => {
    const { workers, idle, json } = command.optsWithGlobals<WorkerFlags>();
    if (typeof queue !== 'string') {
      fail('usage/no-queue', 'no server is given', {
        remedy: 'give its address, as in `nzflow worker redis://localhost:6379`',
      });
    }
    const options = {
      queue: nonEmpty(queue),
      ...(workers === undefined ? {} : { workers }),
      ...(idle === undefined ? {} : { idleMinutes: idle }),
    };
    await work(options, json ?? false);
  });
}
