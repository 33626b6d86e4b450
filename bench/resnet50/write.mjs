// node bench/resnet50/write.mjs [folder]: writes a pruned ResNet-50 with random weights as ONNX,
// and images to run and calibrate it with (build/resnet50 unless told).
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('write-model.ts', import.meta.url)));
await module.writeResnet50(process.argv[2] ?? 'build/resnet50');
