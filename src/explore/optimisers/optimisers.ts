import type { DefinitionDocument } from '../definition-schema.ts';
import { gridSearch } from './grid-search.ts';
import type { Optimiser } from './optimiser.ts';
import { randomSearch } from './random-search.ts';
import { treeParzen } from './tree-parzen.ts';

/** The optimiser that `explore.yaml` names. */
export function optimiserOf({ method, levels }: DefinitionDocument['optimiser']): Optimiser {
  switch (method) {
    case 'tree-parzen':
      return treeParzen();
    case 'random':
      return randomSearch;
    case 'grid':
      return gridSearch(levels);
  }
}
