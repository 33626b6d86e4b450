// node bench/resources/run.mjs [sweep [name [templates]]]
// Synthesises the units with Yosys (those with `name` in their name), then compares the model with
// the results on file and says which kinds of units are among them; exits 1 where the model is off. `templates`
// is a folder of changed templates to try.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { module } = await runnerImport(here('sweep.ts'));
const [command, filter = '', templates = here('../../hdl-templates/')] = process.argv.slice(2);
if (command === 'sweep') module.sweep(filter, templates);
process.exitCode = module.compare() ? 0 : 1;
