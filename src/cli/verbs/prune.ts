import { UserError } from '../../checks/error.js';
import { computedDefault, fraction, integer, outFolder, required, text, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

export const prune = verb({
  name: 'prune',
  summary:
    'Set weights of a trained network to zero, those that its inputs say matter least, and write it as a folder.',
  flags: {
    run: text('RUN', 'folder of the run whose network is pruned'),
    config: text('FILE|BASE', 'a network of this config instead, such as a published one (network.from)'),
    sparsity: required(fraction('P', 'fraction of the weights of the linear layers that becomes 0')),
    method: withDefault(
      text(
        'NAME',
        'what goes first: random, magnitude, magnitude-network, wanda, sparsegpt; wanda with the ratios owl, owl-opposite, ecoflap, das; with the tokens amia, random-tokens; tamp, which is das with amia',
      ),
      'wanda',
    ),
    calibrate: computedDefault(
      text('PATH', 'folder or table of products; training pairs of it give the inputs'),
      'the data of the run',
    ),
    pairs: withDefault(integer('N', 'training pairs to calibrate with', { min: 2 }), 64),
    seed: withDefault(integer('N', 'which pairs, and what is random', { min: 0 }), 1),
    out: required(outFolder('folder to write, which must not exist')),
    json: toggle('print the report as JSON'),
  },
  conflicts: { run: ['config'] },
  check({ run, config, calibrate }) {
    if (run === undefined && config === undefined)
      throw new UserError('--run: missing; give the folder of a run, or --config.');
    if (run === undefined && calibrate === undefined)
      throw new UserError('--calibrate: missing; without a run nothing says which products give the inputs.');
  },
  reads: ['calibrate'],
  examples: [
    'prune --run runs/start/seed-1 --sparsity 0.5 --method tamp --out models/pruned',
    'prune --config smol --calibrate shop --sparsity 0.5 --out models/pruned --json',
  ],
  async run({ json, ...flags }) {
    const { prune, pruneLines } = await import('../prune.js');
    const report = await prune(flags);
    console.log(json ? JSON.stringify(report) : pruneLines(report, flags.out).join('\n'));
    return 0;
  },
});
