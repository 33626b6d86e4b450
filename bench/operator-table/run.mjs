// npm run docs:operators
// Writes docs/operators.md from the rules that translate ONNX operators.
import { writeFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { format } from 'prettier';
import { runnerImport } from 'vite';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const { module } = await runnerImport(path('operator-table.ts'));
const text = await format(module.operatorTable(), { parser: 'markdown' });
writeFileSync(path('../../docs/operators.md'), text);
