import { existsSync } from 'node:fs';
import type { Changes } from '../ablate/changes/change.js';
import { rowsOf } from '../ablate/changes/change.js';
import { doseSeries } from '../ablate/studies/dose-studies.js';
import { readyStudies } from '../ablate/studies/ready-studies.js';
import type { Study } from '../ablate/studies/study.js';
import { readStudyFile } from '../ablate/studies/study-file.js';
import { wrongOption } from '../checks/error.js';
import type { Split } from '../data/types.js';

/** What a user may say of a study. */
export const studyOptions = {
  study: { type: 'string' },
  rows: { type: 'string' },
  seeds: { type: 'string' },
  steps: { type: 'string' },
  seconds: { type: 'string' },
  split: { type: 'string' },
  tasks: { type: 'string' },
  data: { type: 'string' },
  quick: { type: 'boolean', default: false },
} as const;

type Said = { [Name in Exclude<keyof typeof studyOptions, 'quick'>]?: string } & { quick: boolean };

/** A quick study shows that everything runs, and seldom what a piece does: a sixteenth of the updates, one seed. */
const QUICK = 16;

/** The study that the flags ask for. @throws UserError for a name, file or value that is none */
export function chosenStudy(said: Said): Study {
  const { study: named } = said;
  if (named === undefined) throw wrongOption('--study', named, `a file or ${known()}`);
  const ready = Object.hasOwn(readyStudies, named);
  return asSaid(ready ? readyStudies[named as keyof typeof readyStudies] : fileOf(named), said);
}

const known = () => [...Object.keys(readyStudies), ...Object.keys(doseSeries)].join(' | ');

/** A study as the flags change it. */
export function asSaid(found: Study, said: Said): Study {
  const study = { ...found, ...saidOf(said, found) };
  if (!said.quick) return study;
  const { budget } = study;
  return {
    ...study,
    name: `${study.name}-quick`,
    seeds: said.seeds ? study.seeds : study.seeds.slice(0, 1),
    budget:
      said.steps || said.seconds
        ? budget
        : budget.kind === 'items'
          ? { kind: 'items', steps: Math.ceil(budget.steps / QUICK) }
          : { kind: 'seconds', seconds: budget.seconds / QUICK },
  };
}

function fileOf(named: string): Study {
  if (!existsSync(named)) throw wrongOption('--study', named, `a file that is there or one of ${known()}`);
  return readStudyFile(named);
}

function saidOf({ rows, seeds, steps, seconds, split, tasks, data }: Said, study: Study): Partial<Study> {
  const list = (text: string) => text.split(',').map((name) => name.trim());
  return {
    ...(rows === undefined ? {} : { changes: someOf(study, list(rows)), factors: undefined }),
    ...(seeds === undefined ? {} : { seeds: list(seeds).map(Number) }),
    ...(steps === undefined ? {} : { budget: { kind: 'items' as const, steps: Number(steps) } }),
    ...(seconds === undefined ? {} : { budget: { kind: 'seconds' as const, seconds: Number(seconds) } }),
    ...(split === undefined ? {} : { split: splitOf(split) }),
    ...(tasks === undefined ? {} : { tasks: list(tasks) }),
    ...(data === undefined ? {} : { data: { kind: 'folder' as const, path: data } }),
  };
}

function splitOf(text: string): Split {
  const split = (['dev', 'val', 'test', 'train'] as const).find((each) => each === text);
  if (!split) throw wrongOption('--split', text, 'dev | val | test | train');
  return split;
}

function someOf({ changes, factors = {} }: Study, wanted: readonly string[]): Changes {
  const known = new Map(rowsOf([...[changes].flat(), factors]));
  return Object.fromEntries(
    wanted.map((name) => {
      const change = known.get(name);
      if (!change) throw wrongOption('--rows', name, `rows of this study: ${[...known.keys()].join(' | ')}`);
      return [name, change];
    }),
  );
}
