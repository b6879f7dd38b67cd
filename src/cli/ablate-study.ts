import { existsSync } from 'node:fs';
import { type Rows, rowsOf } from '../ablate/changes/change.js';
import { type DoseSeries, doseSeries } from '../ablate/studies/dose-studies.js';
import { readyStudies } from '../ablate/studies/ready-studies.js';
import type { Study } from '../ablate/studies/study.js';
import { readStudyFile } from '../ablate/studies/study-file.js';
import { wrongOption } from '../checks/error.js';
import type { Split } from '../data/types.js';

/** A study by its name or file, and what a user changes of it. */
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

/** A quick study shows that everything runs, and seldom what a piece does: a sixteenth of the updates, one seed. */
const QUICK = 16;

/** The study of a name or file, or the series of studies. @throws UserError for a name, file or value that is none */
export function chosenStudy(chosen: ChosenStudy): Study | DoseSeries {
  const { study: named = '' } = chosen;
  const series = Object.hasOwn(doseSeries, named) ? doseSeries[named] : undefined;
  if (series) return { ...series, study: (dose) => changed(series.study(dose), chosen) };
  const ready: Record<string, Study> = readyStudies;
  return changed(Object.hasOwn(ready, named) ? ready[named] : fileOf(named), chosen);
}

function fileOf(named: string): Study {
  if (existsSync(named)) return readStudyFile(named);
  const known = [...Object.keys(readyStudies), ...Object.keys(doseSeries)];
  throw wrongOption('--study', named, `a file that is there, or one of ${known.join(' | ')}`);
}

function changed(study: Study, { rows, seeds, steps, seconds, split, tasks, data, quick }: ChosenStudy): Study {
  const { budget } = study;
  return {
    ...study,
    name: quick ? `${study.name}-quick` : study.name,
    ...(rows && { changes: someOf(study, rows), factors: undefined }),
    seeds: seeds ?? (quick ? study.seeds.slice(0, 1) : study.seeds),
    budget:
      steps !== undefined
        ? { kind: 'items', steps }
        : seconds !== undefined
          ? { kind: 'seconds', seconds }
          : quick
            ? shorter(budget)
            : budget,
    ...(split && { split }),
    ...(tasks && { tasks }),
    ...(data !== undefined && { data: { kind: 'folder' as const, path: data } }),
  };
}

function shorter(budget: Study['budget']): Study['budget'] {
  return budget.kind === 'items'
    ? { kind: 'items', steps: Math.ceil(budget.steps / QUICK) }
    : { kind: 'seconds', seconds: budget.seconds / QUICK };
}

function someOf({ changes, factors = {} }: Study, wanted: readonly string[]): Rows {
  const known = new Map(rowsOf<Rows[string]>([...[changes].flat(), factors]));
  return Object.fromEntries(
    wanted.map((name) => {
      const change = known.get(name);
      if (!change) throw wrongOption('--rows', name, `rows of this study: ${[...known.keys()].join(' | ')}`);
      return [name, change];
    }),
  );
}
