import { taskTable } from '../ablate/report/study-table.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import type { TrialResult } from '../ablate/run/trial.js';
import { chanceOf } from '../tasks/kinds/chance.js';
import type { StudyProvenance } from '../train/run/provenance.js';
import { QUIZ, type SeedRow } from './seed-rows.js';
import { COMPOSE, type CompositionSettings, compositionPrediction } from './settings.js';
import { shownIn } from './views.js';

/** The tables of all seeds, as those of any study. */
export function compositionResult(
  folder: string,
  bySeed: ReadonlyMap<number, SeedRow[]>,
  settings: CompositionSettings,
  provenance: StudyProvenance,
): StudyResult {
  const seeds = [...bySeed.keys()];
  const [first] = bySeed.values();
  const tasks = [QUIZ, ...shownIn.map((name) => `${QUIZ}.${name}`)];
  const about = (task: string): TrialResult['tasks'][number] => ({
    name: task,
    title:
      task === QUIZ
        ? 'three products, each in another modality -> the value that they share'
        : `three products, one as ${task.slice(QUIZ.length + 1)} and two in words -> the value that they share`,
    kind: 'choice',
    query: 'three products',
    gallery: 'four values',
    products: 'unseen',
    n: first[0].tasks[QUIZ].length,
    items: 4,
    chance: chanceOf({ kind: 'choice', items: [], asks: [{ gold: ['a'], choices: ['a', 'b', 'c', 'd'] }] }),
  });
  const finished = first.map(({ name }) => {
    const results = seeds.map((seed): [number, TrialResult] => {
      const row = bySeed.get(seed)!.find((each) => each.name === name)!;
      const { parameters } = row;
      const cost = { parameters, activeParameters: parameters, flops: 0, seconds: 0, memory: null };
      return [seed, { tasks: Object.keys(row.tasks).map(about), rows: Object.values(row.tasks).flat(), cost }];
    });
    return { name, difference: [], factors: [], results: new Map(results) };
  });
  const rowsWith = (task: string) => finished.filter((_, at) => first[at].tasks[task]);
  return {
    folder,
    study: {
      name: COMPOSE,
      prediction: compositionPrediction,
      rows: [],
      factors: [],
      seeds,
      data: { kind: 'shop', options: settings.shop },
      provenance,
      budget: { kind: 'items', steps: settings.expert.steps },
      split: 'val',
      tasks,
      trials: [],
    },
    tables: tasks.flatMap((task) => taskTable(task, rowsWith(task), []) ?? []),
    refused: [],
    unfinished: [],
  };
}
