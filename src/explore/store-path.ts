import type { ExploreOptions } from '../options.ts';

/** Where a search keeps its trials: beside its file unless told. A store itself may stand for the search. */
export function storePath({
  definition,
  store,
}: Pick<ExploreOptions, 'definition' | 'store'>): string {
  if (store !== undefined) return store;
  return definition.endsWith(extension)
    ? definition
    : `${definition.replace(/\.ya?ml$/, '')}${extension}`;
}

const extension = '.trials';
