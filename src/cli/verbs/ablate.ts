import { UserError } from '../../checks/error.js';
import {
  choice,
  hidden,
  laterDefault,
  names,
  outFolder,
  positive,
  several,
  split,
  text,
  whole,
  wholes,
  withDefault,
  yes,
} from '../flags.js';
import { verb } from '../verb.js';

/** Flags of the study, and of the place where it runs: neither means anything where nothing is trained. */
const ofStudy = ['study', 'rows', 'seeds', 'steps', 'seconds', 'split', 'tasks', 'data', 'quick'] as const;
const ofPlace = ['on', 'workers', 'threads', 'python', 'address', 'allow'] as const;

/** Flags that say more about a place where trials run. */
const usedBy = { processes: ['--workers', '--threads'], ray: ['--threads', '--python', '--address'], here: [] };

/** Named changes of a base, seeds, one table with what could and could not be distinguished. */
export const ablate = verb({
  name: 'ablate',
  summary:
    'Train a base and named changes of it with several seeds, and say what could be distinguished; the same command resumes.',
  flags: {
    study: text('FILE|NAME', 'a JSON file, or a ready study such as paper, negatives or dose-clutter'),
    out: laterDefault(outFolder('folder of the study'), 'studies/NAME'),
    quick: yes('one seed and a sixteenth of the updates: shows that everything runs'),
    rows: laterDefault(names('NAME,...', 'changes to train'), 'all of the study'),
    seeds: laterDefault(wholes('N,...', 'seeds to train'), 'those of the study'),
    steps: laterDefault(whole('N', 'updates of the base; other rows read as many queries'), 'the budget of the study'),
    seconds: positive('N', 'training time of each row, instead of --steps'),
    split: laterDefault(split('whose queries measure'), 'that of the study'),
    tasks: laterDefault(names('NAME,...', 'tasks to measure; the first compares'), 'those of the study'),
    data: laterDefault(text('PATH', 'folder or table of products'), 'those of the study'),
    on: withDefault(choice(['processes', 'ray', 'here'], 'where trials run'), 'processes'),
    workers: laterDefault(whole('N', 'trials at the same time, on processes'), 'as many as the threads allow'),
    threads: laterDefault(whole('N', 'threads of each trial'), '1 on ray, else the cores shared out'),
    python: laterDefault(text('PATH', 'a Python that has ray'), 'python3'),
    address: laterDefault(text('ADDRESS', 'a Ray cluster that runs already'), 'a new one on this machine'),
    allow: several(text('PART', 'keep finished trials although this differs, such as code or threads')),
    table: yes('write and print the tables of --out again, without training'),
    compare: text('DIR', 'compare the study in --out with the one in DIR'),
    trial: hidden(text('DIR', 'run the one trial of this folder, for a driver on a cluster')),
    json: yes('print the table as JSON'),
  },
  conflicts: {
    steps: ['seconds'],
    table: ['compare', ...ofStudy, ...ofPlace],
    compare: [...ofStudy, ...ofPlace],
    trial: ['table', 'compare', 'out', 'json', ...ofStudy, ...ofPlace],
  },
  needs: { table: 'out', compare: 'out' },
  check({ study: named, table, compare, trial, on, workers, threads, python, address }) {
    if (named === undefined && !table && compare === undefined && trial === undefined)
      throw new UserError('--study: is missing; give a file, or the name of a ready study such as paper.');
    const given = { '--workers': workers, '--threads': threads, '--python': python, '--address': address };
    const used: readonly string[] = usedBy[on];
    for (const [name, value] of Object.entries<string | number | undefined>(given))
      if (value !== undefined && !used.includes(name))
        throw new UserError(`${name}: means nothing beside --on ${on}; leave one of them out.`);
  },
  examples: ['ablate --study paper --quick', 'ablate --study mine.json --out studies/mine --seeds 1,2,3 --seconds 120'],
  async run({ trial, compare, table, ...values }) {
    const { out, json } = values;
    if (trial !== undefined) return (await import('../ablate-trial.js')).runTrial(trial);
    if (out !== undefined && compare !== undefined)
      return (await import('../ablate-tables.js')).printComparison(out, compare, json);
    if (out !== undefined && table) return (await import('../ablate-tables.js')).printTables(out, json);
    return (await import('../ablate.js')).runAblation(values);
  },
});
