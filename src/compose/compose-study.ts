import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeTables } from '../ablate/report/study-page.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import { wrongOption } from '../checks/error.js';
import { generateShop } from '../datasets/shop/shop.js';
import { startEngine } from '../engine/engine.js';
import { longCall } from '../engine/long-call.js';
import { settings as engine } from '../engine/settings.js';
import { writeFileAtomic } from '../store/atomic.js';
import { valueHash } from '../store/content-hash.js';
import { lockFolder } from '../store/folder-lock.js';
import { readJsonFile } from '../store/json-file.js';
import { studyProvenance } from '../train/run/provenance.js';
import { compositionResult } from './composition-result.js';
import { openQuizData, type Say } from './open-data.js';
import { rowsOfSeed, type SeedRow } from './seed-rows.js';
import { type CompositionSettings, compositionSettings } from './settings.js';
import { trainSeed } from './train-seed.js';

export interface CompositionOptions {
  /** Folder of the study. The same call resumes: a finished seed is not trained again. */
  out: string;
  seeds?: readonly number[];
  settings?: Partial<CompositionSettings>;
  onProgress?: (progress: { label: string; done: number; total: number }) => void;
  signal?: AbortSignal;
}

/**
 * The study of composed networks (NaiveMC and DAMC, arXiv 2402.12750): a language model from scratch, a model of each of three modalities on top of
 * it, and their compositions, which train nothing, asked which value three products share that are each shown in another modality.
 * Every seed trains all of its networks anew. The tables are written into the folder.
 * @throws UserError for a setting that does not fit
 * @example
 * ```ts
 * const result = await moon.compose.compositionStudy({ out: 'studies/compose', seeds: [1] });
 * console.log(moon.ablate.studyText(result));
 * ```
 */
export async function compositionStudy({
  out,
  seeds = [1, 2, 3],
  settings: given,
  onProgress,
  signal,
}: CompositionOptions): Promise<StudyResult> {
  if (!seeds.length || new Set(seeds).size < seeds.length)
    throw wrongOption('seeds', seeds, 'one or more different seeds');
  const settings = { ...compositionSettings, ...given };
  return longCall(signal, async (call) => {
    const say = (label: string, done: number, total: number) => {
      call.show({ label, done, total });
      onProgress?.({ label, done, total });
    };
    await startEngine();
    mkdirSync(out, { recursive: true });
    const lock = await lockFolder(out);
    try {
      const shop = generateShop(settings.shop);
      const provenance = studyProvenance(shop, engine.threads);
      const fileOf = (seed: number) => join(out, `seed-${seed}-${valueHash([provenance, settings]).slice(0, 8)}.json`);
      let opened: Awaited<ReturnType<typeof openQuizData>> | undefined;
      for (const seed of seeds) {
        if (existsSync(fileOf(seed))) continue;
        opened ??= await openQuizData(settings, shop, out, say, call.signal);
        const rows = await runSeed(settings, opened, seed, say, call.signal);
        writeFileAtomic(fileOf(seed), JSON.stringify(rows));
      }
      const rows = new Map(
        seeds.map((seed) => [seed, readJsonFile(fileOf(seed), 'delete it, and the seed runs again') as SeedRow[]]),
      );
      const result = compositionResult(out, rows, settings, provenance);
      writeTables(result);
      return result;
    } finally {
      lock.release();
    }
  });
}

async function runSeed(
  settings: CompositionSettings,
  { data, quizzes }: Awaited<ReturnType<typeof openQuizData>>,
  seed: number,
  say: Say,
  signal: AbortSignal,
): Promise<SeedRow[]> {
  const trained = await trainSeed(settings, data, quizzes.train, {
    seed,
    onProgress: (label, done, total) => say(`seed ${seed}, ${label}`, done, total),
    signal,
  });
  try {
    return await rowsOfSeed(settings, data, quizzes, trained, signal);
  } finally {
    trained.dispose();
  }
}
