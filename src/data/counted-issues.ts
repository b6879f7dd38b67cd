import type { DataIssue } from './types.js';

/** Issues that a table can have in every row: one entry with their number stands for all that say the same. */
const counted = new Set(['absent-value', 'records', 'joined-rows', 'no-query', 'unknown-product', 'rounded-id']);

/** Collects the issues of a reading. */
export interface CountedIssues {
  add(issue: DataIssue): void;
  /** In the order in which they were added, those that are counted last. */
  all(): DataIssue[];
}

export function countedIssues(): CountedIssues {
  const issues: DataIssue[] = [];
  const counts = new Map<string, { issue: DataIssue; count: number }>();
  return {
    add(issue) {
      if (!counted.has(issue.kind)) return void issues.push(issue);
      const key = JSON.stringify([issue.kind, issue.file, issue.message]);
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { issue, count: 1 });
    },
    all: () => [
      ...issues,
      ...Array.from(counts.values(), ({ issue, count }) =>
        count > 1 ? { ...issue, message: `${issue.message} (${count} times)` } : issue,
      ),
    ],
  };
}
