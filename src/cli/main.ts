#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';
import { packageVersion } from './package-version.ts';
import { compilerPipeline } from './pipeline.ts';
import { processTerminal } from './terminal.ts';

const exitCode = await runCommandLine({
  parameters: process.argv.slice(2),
  version: packageVersion(),
  terminal: processTerminal(),
  signals: process,
  pipeline: compilerPipeline,
  giveUp: (code) => process.exit(code),
});
// Not process.exit: output to a pipe may still be on its way.
process.exitCode = exitCode;
