import { UserError, wrongOption } from '../../checks/error.js';
import {
  computedDefault,
  flag,
  fraction,
  integer,
  names,
  negatedToggle,
  outFile,
  outFolder,
  repeated,
  split,
  text,
  toggle,
  withDefault,
} from '../flags.js';
import { verb } from '../verb.js';

export const evaluate = verb({
  name: 'evaluate',
  summary: 'Evaluate a network on every task of its data, with confidence intervals, chance level and controls.',
  flags: {
    run: repeated(text('RUN', 'folder of a run; several must be seeds or folds of one config')),
    config: text('FILE|BASE', 'evaluate an untrained network of this config instead'),
    embeddings: text(
      'FILE',
      'evaluate vectors of products by any model instead: Parquet, npy, safetensors, JSON Lines',
    ),
    queries: computedDefault(
      text('FILE', 'the vectors of its queries, with --embeddings'),
      'NAME.queries beside the file, or the file itself',
    ),
    baseline: repeated(
      text('NAME', 'compare with it: random, bm25, minilm, efficientnet-lite0, efficientnet-lite2, heads'),
    ),
    data: computedDefault(text('PATH', 'folder or table of products'), 'the data of the run'),
    split: withDefault(split('split to evaluate on'), 'val'),
    tasks: computedDefault(
      names('NAME,...', 'tasks or groups of tasks: g1 stands for g1.full, g1.title and so on'),
      'all',
    ),
    checkpoint: computedDefault(
      flag('best|last|STEP', 'which checkpoint of the runs', checkpoint),
      'best on dev, or last if dev was not scored',
    ),
    size: computedDefault(integer('N', 'use only the first N dimensions of each embedding'), 'all'),
    frozen: computedDefault(
      fraction('SHARE', 'share of frozen encoders in a similarity; 0 is the learned vector alone'),
      'that of the runs',
    ),
    controls: negatedToggle('leave out the controls, which is faster'),
    rows: outFile('write one line of JSON for every query'),
    out: outFolder('folder for evaluation.json and rows.jsonl'),
    resume: toggle('reuse the results in --out if nothing has changed'),
    json: toggle('print the evaluation as JSON'),
    verbose: toggle('print every task, control and variation, with descriptions'),
  },
  conflicts: {
    run: ['config', 'embeddings'],
    checkpoint: ['config'],
    json: ['verbose'],
    embeddings: ['config', 'checkpoint', 'size', 'frozen', 'controls', 'out'],
    baseline: ['json', 'size'],
  },
  needs: { resume: 'out', queries: 'embeddings' },
  check({ run, config, embeddings, data }) {
    if (!run.length && config === undefined && embeddings === undefined)
      throw new UserError(
        '--run: missing; give the folder of a run, --config for an untrained network, or --embeddings for vectors of another model.',
      );
    if (!run.length && data === undefined)
      throw new UserError(
        `--data: missing; ${config === undefined ? 'nothing else says which products --embeddings are of' : 'an untrained network of --config needs it'}.`,
      );
  },
  reads: ['data', 'embeddings', 'queries'],
  examples: [
    'evaluate --run runs/start/seed-1 --run runs/start/seed-2 --split val',
    'evaluate --embeddings clip.parquet --data shop --baseline minilm --baseline bm25',
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
