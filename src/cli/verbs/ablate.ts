import { UserError, wrongOption } from '../../checks/error.js';
import { threadRange } from '../../checks/integer.js';
import {
  choice,
  computedDefault,
  hidden,
  integer,
  integers,
  names,
  outFolder,
  positive,
  repeated,
  split,
  text,
  toggle,
  withDefault,
} from '../flags.js';
import { verb } from '../verb.js';

/** Flags that describe the study, and flags for where it runs. Both apply only if something is trained. */
const studyFlags = ['study', 'rows', 'seeds', 'steps', 'seconds', 'split', 'tasks', 'data', 'quick'] as const;
const placementFlags = ['on', 'workers', 'threads', 'python', 'address', 'allow', 'dryRun'] as const;

/** Flags that each value of `--on` accepts. */
const acceptedBy = { processes: ['--workers', '--threads'], ray: ['--threads', '--python', '--address'], here: [] };

export const ablate = verb({
  name: 'ablate',
  summary:
    'Train a base and named changes of it with several seeds, and report which differences are distinguishable; the same command resumes.',
  flags: {
    study: text('FILE|NAME', 'a JSON file, or a ready study such as paper, negatives or dose-clutter'),
    out: computedDefault(outFolder('folder of the study'), 'studies/NAME'),
    quick: toggle('train one seed with a sixteenth of the updates, to check that everything runs'),
    rows: computedDefault(names('NAME,...', 'changes to train'), 'all in the study'),
    seeds: computedDefault(integers('N,...', 'seeds to train'), 'those of the study'),
    steps: computedDefault(
      integer('N', 'updates of the base; other rows see as many queries'),
      'the budget of the study',
    ),
    seconds: positive('N', 'seconds of training for each trial, instead of --steps'),
    split: computedDefault(split('split to evaluate on'), 'that of the study'),
    tasks: computedDefault(
      names('NAME,...', 'tasks to evaluate; rows are compared by the first'),
      'those of the study',
    ),
    data: computedDefault(text('PATH', 'folder or table of products'), 'those of the study'),
    on: withDefault(choice(['processes', 'ray', 'here'], 'where trials run'), 'processes'),
    workers: computedDefault(
      integer('N', 'number of parallel trials, with --on processes', { min: 1, max: 1024 }),
      'available threads divided by --threads',
    ),
    threads: computedDefault(
      integer('N', 'threads of each trial', threadRange),
      '1 with --on ray, else available threads divided by --workers',
    ),
    python: computedDefault(text('PATH', 'a Python with ray installed'), 'python3'),
    address: computedDefault(text('ADDRESS', 'address of a running Ray cluster'), 'a new cluster on this machine'),
    allow: repeated(
      text('PART', 'keep finished trials even if this part of their provenance differs, such as code or threads'),
    ),
    dryRun: toggle('say what the study would read, train and take on this machine, and stop there'),
    table: toggle('write and print the tables of --out, without training'),
    compare: text('DIR', 'compare the study in --out with the one in DIR'),
    exchange: names(
      'FROM,TO',
      "say what a point of one task's metric was worth in another's over the trials of --out, and draw it",
    ),
    trial: hidden(text('DIR', 'run the trial in this folder, for a driver on a cluster')),
    json: toggle('print the table as JSON'),
  },
  conflicts: {
    steps: ['seconds'],
    table: ['compare', ...studyFlags, ...placementFlags],
    compare: [...studyFlags, ...placementFlags],
    exchange: ['table', 'compare', ...studyFlags, ...placementFlags],
    trial: ['table', 'compare', 'exchange', 'out', 'json', ...studyFlags, ...placementFlags],
  },
  needs: { table: 'out', compare: 'out', exchange: 'out' },
  check({ study: named, table, compare, exchange, trial, on, workers, threads, python, address }) {
    if (exchange && exchange.length !== 2)
      throw wrongOption('--exchange', exchange.join(','), 'two tasks, such as g1.full,g3.full');
    if (named === undefined && !table && compare === undefined && !exchange && trial === undefined)
      throw new UserError('--study: missing; give a file, or the name of a ready study such as paper.');
    const given = { '--workers': workers, '--threads': threads, '--python': python, '--address': address };
    const accepted: readonly string[] = acceptedBy[on];
    for (const [name, value] of Object.entries<string | number | undefined>(given))
      if (value !== undefined && !accepted.includes(name))
        throw new UserError(`${name}: has no effect with --on ${on}; leave one of them out.`);
  },
  reads: ['data'],
  examples: ['ablate --study paper --quick', 'ablate --study mine.json --out studies/mine --seeds 1,2,3 --seconds 120'],
  async run({ trial, compare, exchange, table, ...values }) {
    const { out, json } = values;
    if (trial !== undefined) return (await import('../ablate-trial.js')).runTrial(trial);
    if (out !== undefined && compare !== undefined)
      return (await import('../ablate-tables.js')).printComparison(out, compare, json);
    if (out !== undefined && exchange)
      return (await import('../ablate-tables.js')).printExchange(out, [exchange[0], exchange[1]], json);
    if (out !== undefined && table) return (await import('../ablate-tables.js')).printTables(out, json);
    return (await import('../ablate.js')).runAblation(values);
  },
});
