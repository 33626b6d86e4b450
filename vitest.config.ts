import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // the default leaves a core to a person at the machine: half of a small one
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
