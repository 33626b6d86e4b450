// npm run bench:onnx-conformance -- folder… [--tests]
// Runs the ONNX project's operator tests (folders of test_*/model.onnx with test_data_set_0, such as
// onnx/backend/test/data/node in the releases of github.com/onnx/onnx) through the front end and the
// float evaluator. `--tests` lists every test. Exit code 1 when a test failed.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const words = process.argv.slice(2);
const folders = words.filter((word) => !word.startsWith('-'));
const unknown = words.filter((word) => word.startsWith('-') && word !== '--tests');
if (folders.length === 0 || unknown.length > 0) {
  console.error('usage: npm run bench:onnx-conformance -- folder… [--tests]');
  process.exit(2);
}
const path = fileURLToPath(new URL('conformance.ts', import.meta.url));
const { module } = await runnerImport(path);
const results = module.runConformance(folders);
console.log(module.describeConformance(results, words.includes('--tests')).join('\n'));
process.exitCode = module.countOutcomes(results, 'failed') === 0 ? 0 : 1;
