import { UserError, wrongOption } from '../../checks/error.js';
import {
  flag,
  laterDefault,
  names,
  no,
  outFile,
  outFolder,
  several,
  split,
  text,
  whole,
  withDefault,
  yes,
} from '../flags.js';
import { verb } from '../verb.js';

export const evaluate = verb({
  name: 'evaluate',
  summary: 'Measure a network by every task of its data, with intervals, chance and controls.',
  flags: {
    run: several(text('RUN', 'folder of a run; several are seeds of one config, or folds of unseen products')),
    config: text('FILE|BASE', 'measure an untrained network of this config instead'),
    data: laterDefault(text('PATH', 'folder or table of products'), 'the data of the run'),
    split: withDefault(split('whose queries ask'), 'val'),
    tasks: laterDefault(names('NAME,...', 'tasks, or their first parts: g1 is g1.full, g1.title and so on'), 'all'),
    checkpoint: laterDefault(
      flag('best|last|STEP', 'which checkpoint of the runs', checkpoint),
      'best on dev, or last where dev was not scored',
    ),
    size: laterDefault(whole('N', 'only the first N numbers of each embedding'), 'all'),
    controls: no('leave the controls out: quicker'),
    rows: outFile('write a line of JSON for every query'),
    out: outFolder('keep the evaluation here: evaluation.json and rows.jsonl'),
    resume: yes('take from --out what was measured there already'),
    json: yes('print the evaluation as JSON'),
    verbose: yes('print every task, control and variation, and what each asks'),
  },
  conflicts: { run: ['config'], checkpoint: ['config'], json: ['verbose'] },
  needs: { resume: 'out' },
  check({ run, config, data }) {
    if (!run.length && config === undefined)
      throw new UserError('--run: is missing; give the folder of a run, or --config for a network before training.');
    if (config !== undefined && data === undefined)
      throw new UserError('--data: is missing; a network of --config has no data of its own.');
  },
  examples: [
    'evaluate --run runs/start/seed-1 --run runs/start/seed-2 --split val',
    'evaluate --config grocery --data data/grocery --tasks g1.full --no-controls --json',
  ],
  async run(values) {
    await (await import('../evaluate.js')).runEvaluation(values);
    return 0;
  },
});

function checkpoint(given: string, name: string): 'best' | 'last' | number {
  if (given === 'best' || given === 'last') return given;
  if (!/^\d+$/.test(given)) throw wrongOption(name, given, 'best | last | a step');
  return Number(given);
}
