import { laterDefault, outFolder, text, whole, withDefault, yes } from '../flags.js';
import { verb } from '../verb.js';

/** Updates of a run: aimed at 15 minutes on two cores, `quick` at two. */
const updates = { usual: 600, quick: 5 };

export const start = verb({
  name: 'start',
  summary: 'Train MOON on real grocery photos, measure it on validation, and write a report.',
  flags: {
    steps: laterDefault(whole('N', 'updates of each run', 0), `${updates.usual}, or ${updates.quick} with --quick`),
    seeds: withDefault(whole('N', 'runs of seeds 1 to N, measured together'), 1),
    data: laterDefault(text('PATH', 'folder or table of products'), 'the shipped grocery photos'),
    out: withDefault(outFolder('folder for runs, tables and report.html'), 'runs/start'),
    quick: yes('few updates and no controls: shows that everything runs, in a minute or two'),
  },
  examples: ['start --quick', 'start --seeds 3 --out runs/three'],
  async run({ quick, steps, ...values }) {
    const { runStart } = await import('../start.js');
    await runStart({ ...values, steps: steps ?? (quick ? updates.quick : updates.usual), controls: !quick });
    return 0;
  },
});
