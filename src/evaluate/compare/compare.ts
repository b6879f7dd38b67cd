import { longCall } from '../../engine/long-call.js';
import { chanceOf } from '../../tasks/kinds/chance.js';
import { taskKind } from '../../tasks/kinds/index.js';
import { recallAt } from '../../tasks/rank-metrics.js';
import type { Task } from '../../tasks/task.js';
import { type Contrast, contrast, differenceOf, type SeedAnswers } from '../contrast/contrast.js';
import { type Finding, findingsOf } from '../contrast/finding.js';
import { answerMetrics, sliceMetrics } from '../measure.js';
import type { System, SystemAnswers, SystemProgress } from '../systems/system.js';
import type { Metrics, RankedEmbeddings, TaskResult } from '../task-result.js';
import { sharedTask } from './restrict.js';

/** A system on one task. */
export interface ComparedSystem {
  name: string;
  seeds: readonly number[];
  metrics: Metrics;
  slices: TaskResult['slices'];
  /** The difference from the first system with its tests; absent for the first. */
  finding?: Finding;
  /** Of the first seed; absent for a system that ranks without vectors. */
  embeddings?: RankedEmbeddings;
  /** The answers of the first seed, in the order of the queries. */
  answers: SystemAnswers['bySeed'][number];
  /** Queries that it puts first and the first system does not, and the other way round, where at least half of the seeds do; ids. */
  won: string[];
  lost: string[];
}

/** The comparison of several systems on the queries and items of a task that all of them know. */
export interface TaskComparison {
  task: Task;
  /** The metric of differences. */
  metric: string;
  chance: Record<string, number>;
  systems: ComparedSystem[];
  /** Name of a system that does not answer this task -> why. */
  reasons: Record<string, string>;
}

export interface Comparison {
  tasks: TaskComparison[];
  /** Name of a task that could not be compared -> name of a system -> why. */
  skipped: Record<string, Record<string, string>>;
}

export interface CompareOptions extends SystemProgress {
  /** Number of bootstrap samples. Default 2000. */
  draws?: number;
}

/**
 * Compare systems with the first one, paired by query (and by seed where both have the same): every metric with its interval, differences with
 * interval and p value (Holm over the systems of a task), slices, and the queries that flipped.
 * @param tasks each is restricted to what all systems know
 */
export async function compareSystems(
  systems: readonly System[],
  tasks: readonly Task[],
  { draws, ...progress }: CompareOptions = {},
): Promise<Comparison> {
  return longCall(progress.signal, async ({ signal, show }) => {
    const skipped: Comparison['skipped'] = {};
    const shared = tasks.flatMap((task) => {
      const found = sharedTask(task, systems);
      if ('none' in found) skipped[task.name] = found.none;
      return 'none' in found ? [] : [found];
    });
    const answers = await answersOf(systems, shared, {
      signal,
      onProgress(done) {
        show(done);
        progress.onProgress?.(done);
      },
    });
    return {
      skipped,
      tasks: shared.map(({ task, answering, reasons }, at) => {
        const own = answering.map((which) => ({ system: systems[which], answers: answers.get(which)!.get(at)! }));
        return { ...compared(task, own, draws), reasons };
      }),
    };
  });
}

type Shared = Extract<ReturnType<typeof sharedTask>, { task: Task }>;

/** System -> position of a shared task -> answers. Each system answers all of its tasks in one call, so that it embeds each input once. */
async function answersOf(systems: readonly System[], shared: readonly Shared[], progress: SystemProgress) {
  const all = new Map<number, Map<number, SystemAnswers>>();
  for (const [which, system] of systems.entries()) {
    const own = [...shared.keys()].filter((at) => shared[at].answering.includes(which));
    const answered = await system.answer(
      own.map((at) => shared[at].task),
      progress,
    );
    all.set(which, new Map(own.map((at, place) => [at, answered[place]])));
  }
  return all;
}

interface Answering {
  system: System;
  answers: SystemAnswers;
}

function compared(
  task: Task,
  systems: readonly Answering[],
  draws: number | undefined,
): Omit<TaskComparison, 'reasons'> {
  const { kind, asks } = task;
  const [base, ...others] = systems;
  const metric = taskKind(kind).primary;
  const named = Object.fromEntries(systems.map(({ system, answers }) => [system.name, answers.bySeed]));
  const metrics = answerMetrics(kind, asks, named, { draws });
  const contrasts = new Map(
    others.flatMap((other): [string, Contrast][] => {
      const [one, two] = pairedSeeds(other, base);
      const found = contrast(kind, asks, differenceOf(one, two), { draws });
      return found ? [[other.system.name, found]] : [];
    }),
  );
  const sample = { products: new Set(asks.map(({ product }) => product)).size, queries: asks.length, noun: 'queries' };
  const findings = new Map(findingsOf(contrasts, metric, sample).map((finding) => [finding.name, finding]));
  const first = hits(base.answers);
  return {
    task,
    metric,
    chance: chanceOf(task),
    systems: systems.map(({ system: { name, seeds }, answers: { bySeed, embeddings } }, at) => {
      const own = hits({ bySeed });
      const differing = (won: boolean) =>
        asks.flatMap(({ id }, row) => (at && own[row] !== first[row] && own[row] === won ? [id] : []));
      return {
        name,
        seeds,
        metrics: metrics[name],
        slices: sliceMetrics(kind, asks, bySeed),
        ...(findings.has(name) ? { finding: findings.get(name)! } : {}),
        ...(embeddings ? { embeddings } : {}),
        answers: bySeed[0],
        won: differing(true),
        lost: differing(false),
      };
    }),
  };
}

/** Whether a query's right item comes first in at least half of the seeds, ties by their expectation. */
const hits = ({ bySeed }: Pick<SystemAnswers, 'bySeed'>): boolean[] =>
  bySeed[0].map((_, row) => bySeed.reduce((sum, own) => sum + recallAt(own[row], 1), 0) >= bySeed.length / 2);

/** Both sides by the same seeds: a system without seeds answers alike for each seed of the other; other seeds are paired in their order. */
function pairedSeeds(one: Answering, two: Answering): [SeedAnswers, SeedAnswers] {
  const count = Math.min(
    ...[one, two].flatMap(({ system, answers }) => (system.seeds.length ? answers.bySeed.length : [])),
    Infinity,
  );
  const seeds = Array.from({ length: Number.isFinite(count) ? count : 1 }, (_, seed) => seed);
  const side = ({ system, answers: { bySeed } }: Answering): SeedAnswers => ({
    seeds,
    bySeed: seeds.map((at) => bySeed[system.seeds.length ? at : 0]),
  });
  return [side(one), side(two)];
}
