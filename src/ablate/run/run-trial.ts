import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { Catalogue } from '../../data/types.js';
import type { Trained } from '../../encoder/encoder.js';
import { startEngine } from '../../engine/engine.js';
import { peakMemory } from '../../engine/memory.js';
import { settings } from '../../engine/settings.js';
import { evaluateTasks } from '../../evaluate/evaluate.js';
import { answerOf } from '../../evaluate/rows.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { valueHash } from '../../store/content-hash.js';
import { isRun } from '../../train/run/manifest.js';
import { checkProvenance, studyProvenance } from '../../train/run/provenance.js';
import { trainRun } from '../../train/run/train-run.js';
import type { StepRecord } from '../../train/step-record.js';
import { nameOfData, openStudyData } from '../studies/study-data.js';
import { costOf } from './cost.js';
import { type Cell, type CellResult, readCell, writeResult } from './trial.js';

export interface CellOptions {
  onStep?: (record: StepRecord) => void;
  onProgress?: (label: string, done: number, total: number) => void;
  signal?: AbortSignal;
  /** Whether this process is the cell's own: its memory is the cell's then. */
  alone?: boolean;
}

/** Checkpoints of a cell: enough to lose little, few enough to cost little. */
const CHECKPOINTS = 4;

/** Train and measure the cell of a folder, or go on with it. True when it is finished, false when the signal stopped it. */
export async function runCell(folder: string, options: CellOptions = {}): Promise<boolean> {
  const { onStep, onProgress, signal, alone = false } = options;
  const cell: Cell = readCell(folder);
  const { config } = cell.provenance;
  const catalogue = await openStudyData(cell.data);
  await startEngine();
  checkProvenance(
    cell.provenance,
    { config, ...studyProvenance(catalogue, settings.threads) },
    {
      allow: cell.allow,
      cannot: `${folder}: the cell cannot be trained as it is filed`,
      remedy: "Run the study's command again",
    },
  );
  const run = join(folder, 'run');
  const { trained, pixels, records } = await trainRun(run, config, catalogue, {
    dataPath: nameOfData(cell.data),
    // One place for all cells: whoever comes first draws.
    drawings: join(folder, '../../pictures'),
    resume: isRun(run),
    allow: cell.allow,
    every: Math.max(1, Math.ceil(config.optimizer.steps / CHECKPOINTS)),
    keep: 1,
    onStep,
    onProgress: (done, total, label) => onProgress?.(label, done, total),
    signal,
  });
  try {
    if (records.length < config.optimizer.steps) return false;
    const measured = cell.tasks.length
      ? await measure(cell, trained, catalogue, pixels, options)
      : { tasks: [], rows: [] };
    const memory = alone ? peakMemory() : null;
    const training = valueHash(records.map(({ loss }) => loss));
    writeResult(folder, cell, { training, ...measured, cost: costOf(trained, records, memory) });
    return true;
  } catch (error) {
    if (signal?.aborted && !(error instanceof UserError)) return false;
    throw error;
  } finally {
    trained.parameters.dispose();
  }
}

async function measure(
  { split, tasks }: Cell,
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  { onProgress, signal }: CellOptions,
): Promise<Pick<CellResult, 'tasks' | 'rows'>> {
  const evaluation = await evaluateTasks(trained, catalogue, pixels, {
    split,
    tasks,
    rows: true,
    controls: false,
    // Intervals are those of the whole study.
    draws: 1,
    onProgress: ({ done, total }) => onProgress?.('measuring', done, total),
    signal,
  });
  return {
    tasks: evaluation.tasks.map(({ name, kind, query, gallery, products, n, items, chance }) => {
      return { name, kind, query, gallery, products, n, items, chance };
    }),
    rows: evaluation.tasks.flatMap(({ rows = [] }) =>
      rows.map((row) => ({ task: row.task, query: row.query, product: row.product, gold: row.gold, ...answerOf(row) })),
    ),
  };
}
