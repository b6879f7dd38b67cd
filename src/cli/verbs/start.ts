import { laterDefault, outFolder, text, whole, withDefault, yes } from '../flags.js';
import { verb } from '../verb.js';

/** Updates of the runs and of each preview: aimed at 15 minutes on two cores, `quick` at two. */
const budgets = { usual: { steps: 600, preview: 25 }, quick: { steps: 5, preview: 1 } };

export const start = verb({
  name: 'start',
  summary:
    'Train MOON on real grocery photos, measure it on validation, preview the removals of its pieces, and write a report.',
  flags: {
    steps: laterDefault(
      whole('N', 'updates of each run', 0),
      `${budgets.usual.steps}, or ${budgets.quick.steps} with --quick`,
    ),
    seeds: withDefault(whole('N', 'runs of seeds 1 to N, measured together'), 1),
    data: laterDefault(text('PATH', 'folder or table of products'), 'the shipped grocery photos'),
    out: withDefault(outFolder('folder for runs, tables and report.html'), 'runs/start'),
    quick: yes('few updates and no controls: shows that everything runs, in a minute or two'),
  },
  examples: ['start --quick', 'start --seeds 3 --out runs/three'],
  async run({ quick, steps, ...values }) {
    const budget = quick ? budgets.quick : budgets.usual;
    const { runStart } = await import('../start.js');
    await runStart({ ...values, ...budget, ...(steps !== undefined && { steps }), controls: !quick });
    return 0;
  },
});
