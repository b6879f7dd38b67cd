import { UserError } from '../../checks/error.js';
import { threadRange } from '../../checks/integer.js';
import {
  choice,
  computedDefault,
  hidden,
  integer,
  outFolder,
  repeated,
  settings,
  split,
  text,
  toggle,
  withDefault,
} from '../flags.js';
import { verb } from '../verb.js';

/** Flags of what a run has from its beginning, and the part of its provenance that must be allowed to differ if one is given anew. */
const settled = { base: 'config', config: 'config', set: 'config', data: 'data', fold: 'data' } as const;

export const train = verb({
  name: 'train',
  summary: 'Train a network into a run folder: manifest, metrics, checkpoints, embeddings and report.html.',
  flags: {
    base: computedDefault(
      text('NAME', 'config to start from, such as paper or fashion'),
      'grocery, or the base in --config',
    ),
    config: text('FILE', 'JSON file with settings that differ from the base'),
    set: settings('change one setting, as in optimizer.steps=100'),
    data: computedDefault(text('PATH', 'folder or table of products'), 'the shipped grocery photos'),
    fold: integer('N', 'hold out the products of fold N (grocery photos have folds)'),
    out: withDefault(outFolder('folder of the new run'), 'runs/train'),
    every: computedDefault(integer('N', 'updates between checkpoints'), 'a tenth of the run'),
    score: toggle('evaluate every checkpoint on dev, and keep the best'),
    split: withDefault(split('whose photos the report shows'), 'dev'),
    tensorboard: toggle('also write metrics for TensorBoard'),
    dryRun: toggle('say what the run would read, train and take on this machine, and stop there'),
    resume: toggle('resume the run from its last checkpoint; reproduces an uninterrupted run bit for bit'),
    run: text('RUN', 'the run to resume, with --resume'),
    allow: repeated(
      text(
        'PART',
        'resume even if this part of the provenance differs, such as code or threads; results may differ slightly',
      ),
    ),
    on: withDefault(
      choice(['here', 'ray'], 'in this process, or in several that share every step on a Ray cluster'),
      'here',
    ),
    workers: computedDefault(
      integer('N', 'processes that share the steps, each with a group of spatial negatives, with --on ray', {
        min: 1,
        max: 1024,
      }),
      '2, or those of the resumed run',
    ),
    threads: computedDefault(integer('N', 'threads of each worker, with --on ray', threadRange), '1'),
    python: computedDefault(text('PATH', 'a Python with ray and torch installed, with --on ray'), 'python3'),
    address: computedDefault(text('ADDRESS', 'address of a running Ray cluster'), 'a new cluster on this machine'),
    asWorker: hidden(toggle('be one of several workers, for the one who starts them')),
    json: toggle('print the result as JSON'),
  },
  conflicts: { run: ['out'], resume: ['dryRun'] },
  needs: { run: 'resume', allow: 'resume' },
  check({ resume, allow, on, asWorker, dryRun, workers, threads, python, address, ...values }) {
    const ofRay = Object.entries({ workers, threads, python, address }).find(([, value]) => value !== undefined);
    if (on !== 'ray' && ofRay) throw new UserError(`--${ofRay[0]} requires --on ray.`);
    if (on === 'ray' && (dryRun || asWorker))
      throw new UserError(`--${dryRun ? 'dry-run' : 'as-worker'}: contradicts --on ray; leave one of them out.`);
    for (const [name, part] of Object.entries(settled) as [keyof typeof settled, string][])
      if (resume && !allow.includes(part) && [values[name] ?? []].flat().length)
        throw new UserError(
          `--${name}: contradicts --resume, which takes its own from the run; leave it out, or allow a difference with --allow ${part}.`,
        );
  },
  reads: ['data'],
  examples: [
    'train --base grocery --set optimizer.steps=200 --set experts.topK=2 --out runs/two-experts',
    'train --run runs/two-experts --resume --on ray --workers 4',
  ],
  run: async (values) => (await import('../train.js')).runTraining(values),
});
