import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real servers, processes and kills share two cores in CI: what fails is tried again there, and reported as retried.
    retry: process.env['CI'] ? 2 : 0,
  },
});
