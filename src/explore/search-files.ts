import { dirname, join } from 'node:path';
import { isBoardFile } from '../read/board.ts';
import { sha256OfFiles } from '../read/file-hash.ts';
import { readOnnxModel } from '../read/onnx.ts';
import type { Definition } from './definition.ts';
import { dataFiles } from './definition.ts';

/** A file that trials of a search depend on. */
export interface SearchFile {
  /** What it is to the search: `model`, `inputs`, `board mine.yaml` … */
  readonly name: string;
  /** As the search has it. */
  readonly path: string;
  readonly sha256: string;
  /** Of external weights: path relative to the folder of the model. Null for all other files. */
  readonly besideModel: string | null;
}

/** All files that a trial of the search reads. Throws `UserError` for what cannot be read. */
export async function searchFiles(definition: Definition): Promise<readonly SearchFile[]> {
  const { document } = definition;
  const data = dataFiles(document).map(([name, path]) => ({ name, path, besideModel: null }));
  const boards = ownBoards(definition).map((path) => ({
    ...{ name: `board ${path}`, path, besideModel: null },
  }));
  const { externalFiles } = await readOnnxModel(document.model);
  const folder = dirname(document.model);
  const weights = externalFiles.map((name) => ({
    ...{ name: `weights ${name}`, path: join(folder, name), besideModel: name },
  }));
  return Promise.all(
    [...data, ...boards, ...weights].map(async (file) => ({
      ...file,
      sha256: await sha256OfFiles([file.path]),
    })),
  );
}

/** Boards that are given as files. */
function ownBoards({ problem, constants }: Definition): readonly string[] {
  const searched = problem.space.parameters.flatMap(({ name, domain }) =>
    name === 'board' && domain.kind === 'categorical' ? domain.values : [],
  );
  return [constants.get('board'), ...searched].filter(
    (board): board is string => typeof board === 'string' && isBoardFile(board),
  );
}
