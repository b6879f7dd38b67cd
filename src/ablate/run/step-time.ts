import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import { withSteps } from '../../config/with-steps.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { valueHash } from '../../store/content-hash.js';
import { readJsonFile } from '../../store/json-file.js';
import { readMetrics } from '../../train/run/metrics-file.js';
import type { StudyProvenance } from '../../train/run/provenance.js';
import type { PlannedRow, Study } from '../studies/study.js';
import type { CellWatch, RunCells } from './run-trials.js';
import { type Cell, cellFolder, readResult, writeCell } from './trial.js';

/** Updates that a pace is measured on, and how many of them come first and do not count: they compile. */
const STEPS = 12;
const FIRST = 4;

/**
 * Seconds of an update of every row, measured by short runs under the conditions of its cells, once a study folder: the row's count
 * of updates must not change when the study goes on.
 * @returns by row
 * @throws UserError when a row cannot be trained, or the signal stopped it
 */
export async function measurePaces(
  folder: string,
  study: Study,
  rows: readonly PlannedRow[],
  provenance: StudyProvenance,
  run: RunCells,
  watch: Pick<CellWatch, 'signal' | 'onProgress'>,
): Promise<Map<string, number>> {
  const file = join(folder, 'paces.json');
  const paces = existsSync(file) ? (readJsonFile(file, 'delete it: paces are measured again') as Paces) : {};
  const keyOf = ({ config }: PlannedRow) => valueHash([config, provenance.threads]).slice(0, 16);
  const unknown = rows.filter((row) => paces[keyOf(row)] === undefined);
  const below = join(folder, 'pace');
  const places = unknown.map((row) => ({ row, ...paceCell(below, study, row, provenance) }));
  for (const { place, cell } of places) writeCell(place, cell);
  const failed: string[] = [];
  await run(
    places.filter(({ place, cell }) => !readResult(place, cell)).map(({ place }) => place),
    {
      ...watch,
      onEnd: (_, outcome) => {
        if (outcome.kind === 'failed') failed.push(outcome.why);
      },
    },
  );
  if (failed.length) throw new UserError(`study.budget: a pace could not be measured. ${failed[0]}`);
  if (places.some(({ place, cell }) => !readResult(place, cell)))
    throw new UserError('study: stopped while the pace of its rows was measured. The same command resumes.');
  for (const { row, place } of places) {
    const steps = readMetrics(join(place, 'run')).slice(FIRST);
    paces[keyOf(row)] = median(steps.map(({ seconds }) => seconds));
  }
  writeFileAtomic(file, `${JSON.stringify(paces, null, 2)}\n`);
  rmSync(below, { recursive: true, force: true });
  return new Map(rows.map((row) => [row.name, paces[keyOf(row)]]));
}

/** Seconds of an update, by a hash of what is updated. */
type Paces = Record<string, number>;

/** A cell of a few updates that measures nothing. */
function paceCell(folder: string, study: Study, { name: row, config }: PlannedRow, shared: StudyProvenance) {
  const { seeds, data, split } = study;
  const [seed] = seeds;
  const provenance = { ...shared, config: { ...withSteps(config, STEPS), seed } };
  const cell: Cell = { row, seed, data, split, tasks: [], provenance, allow: [] };
  return { place: cellFolder(folder, cell), cell };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
