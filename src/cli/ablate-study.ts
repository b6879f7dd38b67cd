import { existsSync } from 'node:fs';
import { type Rows, rowsOf } from '../ablate/changes/change.js';
import type { DoseSeries } from '../ablate/studies/dose-series.js';
import { readyStudies } from '../ablate/studies/ready-studies.js';
import { doseSeries } from '../ablate/studies/series.js';
import type { Study } from '../ablate/studies/study.js';
import { readStudyFile } from '../ablate/studies/study-file.js';
import { wrongOption } from '../checks/error.js';
import type { Split } from '../data/types.js';
import { seedStudies } from './seed-study.js';

/** A study by name or file, and the settings that flags override. */
export interface ChosenStudy {
  study?: string;
  rows?: string[];
  seeds?: number[];
  steps?: number;
  seconds?: number;
  split?: Split;
  tasks?: string[];
  data?: string;
  quick: boolean;
}

/** `--quick` divides the budget by this number and trains one seed: enough to show that everything runs, not what a piece contributes. */
const QUICK = 16;

/** The study or dose series with this name or file, with overrides applied. @throws UserError for an unknown name or invalid value */
export function chosenStudy(chosen: ChosenStudy): Study | DoseSeries {
  const { study: named = '' } = chosen;
  const series = Object.hasOwn(doseSeries, named) ? doseSeries[named] : undefined;
  if (series) return { ...series, study: (dose) => withOverrides(series.study(dose), chosen) };
  const ready: Record<string, Study> = readyStudies;
  return withOverrides(Object.hasOwn(ready, named) ? ready[named] : studyOfFile(named), chosen);
}

function studyOfFile(named: string): Study {
  if (existsSync(named)) return readStudyFile(named);
  const known = [...Object.keys(readyStudies), ...Object.keys(doseSeries), ...Object.keys(seedStudies)];
  throw wrongOption('--study', named, `an existing file, or one of ${known.join(' | ')}`);
}

function withOverrides(study: Study, { rows, seeds, steps, seconds, split, tasks, data, quick }: ChosenStudy): Study {
  const { budget } = study;
  return {
    ...study,
    name: quick ? `${study.name}-quick` : study.name,
    ...(rows && { changes: selectedRows(study, rows), factors: undefined }),
    seeds: seeds ?? (quick ? study.seeds.slice(0, 1) : study.seeds),
    budget:
      steps !== undefined
        ? { kind: 'items', steps }
        : seconds !== undefined
          ? { kind: 'seconds', seconds }
          : quick
            ? quickBudget(budget)
            : budget,
    ...(split && { split }),
    ...(tasks && { tasks }),
    ...(data !== undefined && { data: { kind: 'folder' as const, path: data } }),
  };
}

function quickBudget(budget: Study['budget']): Study['budget'] {
  return budget.kind === 'items'
    ? { kind: 'items', steps: Math.ceil(budget.steps / QUICK) }
    : { kind: 'seconds', seconds: budget.seconds / QUICK };
}

function selectedRows({ changes, factors = {} }: Study, wanted: readonly string[]): Rows {
  const known = new Map(rowsOf<Rows[string]>([...[changes].flat(), factors]));
  return Object.fromEntries(
    wanted.map((name) => {
      const change = known.get(name);
      if (!change) throw wrongOption('--rows', name, `rows of this study: ${[...known.keys()].join(' | ')}`);
      return [name, change];
    }),
  );
}
