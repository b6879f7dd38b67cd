import { join } from 'node:path';
import { UserError } from '../engine/check.js';
import { readMetrics } from '../train/run/metrics-file.js';
import { withSteps } from '../train/with-steps.js';
import { type Cell, cellFolder, readResult, writeCell } from './cell.js';
import type { CommonGround } from './ground.js';
import type { CellWatch, RunCells } from './run-cells.js';
import type { PlannedRow, Study } from './study.js';

/** Updates that a pace is measured on, and how many of them come first and do not count: they compile. */
const STEPS = 12;
const FIRST = 4;

/**
 * Seconds of an update of every row, measured by short runs under the conditions of its cells, once a study folder: the row's count
 * of updates must not change when the study goes on.
 */
export async function measurePaces(
  folder: string,
  { seeds, data, split }: Study,
  rows: readonly PlannedRow[],
  ground: CommonGround,
  run: RunCells,
  watch: Pick<CellWatch, 'signal' | 'onProgress'>,
): Promise<Map<string, number>> {
  const places = rows.map(({ name, config }) => {
    const own = { ...withSteps(config, STEPS), seed: seeds[0] };
    const cell: Cell = {
      row: name,
      seed: seeds[0],
      data,
      split,
      tasks: [],
      ground: { ...ground, config: own },
      allow: [],
    };
    const place = cellFolder(join(folder, 'pace'), cell);
    writeCell(place, cell);
    return { name, place, cell };
  });
  const left = places.filter(({ place, cell }) => !readResult(place, cell)).map(({ place }) => place);
  const failed: string[] = [];
  await run(left, {
    ...watch,
    onEnd: (_, outcome) => {
      if (outcome.kind === 'failed') failed.push(outcome.why);
    },
  });
  if (failed.length) throw new UserError(`study.budget: a pace could not be measured. ${failed[0]}`);
  return new Map(
    places.map(({ name, place }) => [
      name,
      median(
        readMetrics(join(place, 'run'))
          .slice(FIRST)
          .map(({ seconds }) => seconds),
      ),
    ]),
  );
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
