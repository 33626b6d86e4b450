import {
  compileModel,
  diffBuilds,
  inspectModel,
  reportBuild,
  runModel,
  simulateBuild,
  sparsifyModel,
  synthesizeBuild,
  writeModelWeights,
} from '../compile.ts';
import { exploreDesigns } from '../explore/explore.ts';
import { exploreWorker } from '../explore/queue/work.ts';
import { viewSearch } from '../explore/view.ts';

/** What the commands call; tests put their own in its place. */
export interface Pipeline {
  readonly runModel: typeof runModel;
  readonly inspectModel: typeof inspectModel;
  readonly compileModel: typeof compileModel;
  readonly simulateBuild: typeof simulateBuild;
  readonly synthesizeBuild: typeof synthesizeBuild;
  readonly writeModelWeights: typeof writeModelWeights;
  readonly reportBuild: typeof reportBuild;
  readonly diffBuilds: typeof diffBuilds;
  readonly sparsifyModel: typeof sparsifyModel;
  readonly exploreDesigns: typeof exploreDesigns;
  readonly exploreWorker: typeof exploreWorker;
  readonly viewSearch: typeof viewSearch;
}

export const compilerPipeline: Pipeline = {
  runModel,
  inspectModel,
  compileModel,
  simulateBuild,
  synthesizeBuild,
  reportBuild,
  writeModelWeights,
  diffBuilds,
  sparsifyModel,
  exploreDesigns,
  exploreWorker,
  viewSearch,
};
