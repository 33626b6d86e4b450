// node bench/resources/run.mjs [sweep [name [templates]]]
// Synthesises the units with Yosys (the one of that name, else those with `name` in theirs), then compares the model with
// the results on file, writes docs/resources.md and says which kinds of units are among them; exits 1 where the
// model is off or a unit was never measured. `templates` is a folder of changed templates to try: what they take is
// told, and nothing is written.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { runnerImport } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { module } = await runnerImport(here('sweep.ts'));
const own = here('../../hdl-templates/');
const [command, filter = '', templates = own] = process.argv.slice(2);
if (command === 'sweep') module.sweep(filter, templates, templates === own);
process.exitCode = module.compare(templates) ? 0 : 1;
const page = here('../../docs/resources.md');
const options = await resolveConfig(page);
if (templates === own)
  writeFileSync(page, await format(module.table(), { ...options, parser: 'markdown' }));
