import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.js';
import { needTags } from './needs.js';

/** Two workers for two cores, of one thread each; a test that trains or drives a browser may take minutes. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/temporary.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    env: { MOON_THREADS: process.env.MOON_THREADS ?? '1' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    tags: needTags(),
  },
});
