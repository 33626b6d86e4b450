import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../src/explore/definition.ts';
import { checkParameters } from '../../src/explore/evaluate/trial-settings.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';

const path = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));

describe('searches that come with nzflow', () => {
  it.each([
    ['examples/explore-keyword-spotting.yaml', 17],
    ['bench/explore/search.yaml', 13],
  ])('%s fits its network', async (file, parameters) => {
    const { problem, constants, document } = await readDefinition(path(file));
    const graph = lowerModel(await readOnnxModel(document.model));
    checkParameters(graph, problem.space, constants, file);
    expect(problem.space.parameters).toHaveLength(parameters);
  });
});
