import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { uncounted } from './needs.js';

/** What `npm test` prints below vitest's own lines. */
export interface Summary {
  passed: number;
  /** Tests that failed, and files and groups that failed outside of their tests. */
  failed: number;
  /** Tests that would run here if what they need were installed, or if vitest's flags chose them. */
  skipped: number;
  /** A line for each need that is missing and left a test out. */
  leftOut: string[];
  /** A line for each of the slowest tests. */
  slowest: string[];
}

export interface TestRecord {
  /** File and name. */
  name: string;
  state: 'passed' | 'failed' | 'skipped' | 'pending';
  seconds: number;
  tags: readonly string[];
}

/** Tests of what no registry has are told, and not counted: `skipped` is what this machine could run and did not. */
export function summarise(
  tests: readonly TestRecord[],
  otherFailures: number,
  missing: readonly { name: string; description?: string }[],
): Summary {
  const skipped = tests.filter(({ state }) => state === 'skipped' || state === 'pending');
  const lacking = new Set(missing.map(({ name }) => name));
  const counted = skipped.filter(({ tags }) => !tags.some((tag) => uncounted.has(tag) && lacking.has(tag)));
  return {
    passed: tests.filter(({ state }) => state === 'passed').length,
    failed: tests.filter(({ state }) => state === 'failed').length + otherFailures,
    skipped: counted.length,
    leftOut: missing.flatMap(({ name, description }) => {
      const { length } = skipped.filter(({ tags }) => tags.includes(name));
      const note = uncounted.has(name) ? ' (not counted as skipped)' : '';
      return length ? [`${length} left out: ${description}${note}`] : [];
    }),
    slowest: tests
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, 10)
      .map(({ seconds, name }) => `${seconds.toFixed(1).padStart(6)} s  ${name}`),
  };
}

/** Writes the summary as JSON into the file that MOON_TEST_SUMMARY names. */
export default class SummaryReporter implements Reporter {
  private vitest?: Vitest;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env.MOON_TEST_SUMMARY;
    if (!file || !this.vitest) return;
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        name: `${module.relativeModuleId}  ${test.fullName}`,
        state: test.result().state,
        seconds: (test.diagnostic()?.duration ?? 0) / 1000,
        tags: test.tags,
      })),
    );
    const groups = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const failures = groups.filter((group) => group.errors().length).length + errors.length;
    const missing = this.vitest.config.tags.filter(({ skip }) => skip);
    writeFileSync(file, JSON.stringify(summarise(tests, failures, missing)));
  }
}
