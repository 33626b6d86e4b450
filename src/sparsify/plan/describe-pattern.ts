import type { Pattern } from '../prune/pattern.ts';

/** A pattern in a few words. */
export function describePattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'dense':
      return 'dense';
    case 'unstructured':
      return 'anywhere';
    case 'complementary':
      return `sets of ${pattern.setSize}`;
  }
}
