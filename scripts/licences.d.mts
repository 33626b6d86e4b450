/** A package of package-lock.json. */
export interface LockedPackage {
  readonly path: string;
  readonly name: string;
  readonly entry: { readonly version: string; readonly license?: string };
}

export function readLock(): object;
export function packagesOf(
  lock: object,
  when: 'run time' | 'bundled' | 'development',
): LockedPackage[];
export function refusedPackages(lock: object): string[];
export function licencePage(lock: object): string;
