import { computedDefault, integer, outFolder, text, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

/** Updates of a run: `usual` should take about 15 minutes on two cores, `quick` about two. */
const updates = { usual: 600, quick: 5 };

export const start = verb({
  name: 'start',
  summary: 'Train MOON on real grocery photos, evaluate it on the validation split, and write a report.',
  flags: {
    steps: computedDefault(
      integer('N', 'updates of each run', { min: 0 }),
      `${updates.usual}, or ${updates.quick} with --quick`,
    ),
    seeds: withDefault(integer('N', 'number of runs, with seeds 1 to N, evaluated together'), 1),
    data: computedDefault(text('PATH', 'folder or table of products'), 'the shipped grocery photos'),
    out: withDefault(outFolder('folder for runs, tables and report.html'), 'runs/start'),
    dryRun: toggle('say what the runs would read, train and take on this machine, and stop there'),
    quick: toggle('few updates and no controls, to check in a minute or two that everything runs'),
  },
  reads: ['data'],
  examples: ['start --quick', 'start --seeds 3 --out runs/three'],
  async run({ quick, steps, ...values }) {
    const { runStart } = await import('../start.js');
    return runStart({ ...values, steps: steps ?? (quick ? updates.quick : updates.usual), controls: !quick });
  },
});
