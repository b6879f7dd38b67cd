import { laterDefault, outFolder, settings, several, split, text, whole, withDefault, yes } from '../flags.js';
import { verb } from '../verb.js';

export const train = verb({
  name: 'train',
  summary: 'Train a network into a run folder: manifest, metrics, checkpoints, embeddings and report.html.',
  flags: {
    base: laterDefault(
      text('NAME', 'config to start from, such as paper or fashion'),
      'grocery, or the base that --config names',
    ),
    config: text('FILE', 'JSON file of settings that differ from the base'),
    set: settings('change one setting, as in optimizer.steps=100'),
    data: laterDefault(text('PATH', 'folder or table of products'), 'the shipped grocery photos'),
    fold: whole('N', 'leave the products of fold N out of training (grocery photos have folds)'),
    out: withDefault(outFolder('folder of the new run'), 'runs/train'),
    every: laterDefault(whole('N', 'updates between checkpoints'), 'a tenth of the run'),
    score: yes('measure dev with every checkpoint, and keep the best'),
    split: withDefault(split('whose photos the report shows'), 'dev'),
    tensorboard: yes('write metrics for TensorBoard too'),
    resume: yes('resume the run from its last checkpoint; ends bit for bit as if it had never stopped'),
    run: text('RUN', 'the run to resume, with --resume'),
    allow: several(text('PART', 'resume although this differs, such as code or threads, with other digits')),
    json: yes('print the result as JSON'),
  },
  conflicts: { run: ['out'] },
  needs: { run: 'resume', allow: 'resume' },
  examples: [
    'train --base grocery --set optimizer.steps=200 --set experts.topK=2 --out runs/two-experts',
    'train --run runs/two-experts --resume',
  ],
  run: async (values) => (await import('../train.js')).runTraining(values),
});
