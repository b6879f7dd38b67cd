import type { MoonConfig } from '../../config/config.js';
import type { QuestionKind } from '../../moon/question-option.js';
import type { MergeOption } from '../../weights/merge/option.js';
import type { Change, Rows, TunedRow } from '../changes/change.js';
import type { Study } from './study.js';
import { writer, writerShop } from './writer.js';

/** Each task with the row that is tuned for it. */
const experts = {
  'answers.category': 'category',
  'answers.attribute': 'attribute',
  'answers.box': 'box',
  'directions.i-mm': 'retrieval',
} as const;
const names = Object.values(experts);

const onShop = {
  base: writer,
  seeds: [1, 2, 3],
  data: writerShop,
  budget: { kind: 'items', steps: 400 },
  split: 'val',
  tasks: Object.keys(experts),
  experts,
} as const satisfies Partial<Study>;

/** Updates of an expert: as many as the base had. */
const TUNING = 400;

/** Trained networks are tuned at a lower rate than new ones. */
const tuned = ({ optimizer, ...config }: MoonConfig): MoonConfig => ({
  ...config,
  optimizer: { ...optimizer, rate: 3e-4 },
});

const asking =
  (...questions: QuestionKind[]): Change =>
  (config) => ({ ...tuned(config), captioning: { kind: 'captions', fraction: 1, questions } });

const tuning: Record<(typeof names)[number], Change> = {
  category: asking('category'),
  attribute: asking('attribute'),
  box: asking('box'),
  retrieval: (config) => ({ ...tuned(config), captioning: { kind: 'none' } }),
};

/** As many items of each task as its expert saw. */
const jointly: Change = (config) => ({
  ...tuned(config),
  captioning: { kind: 'captions', fraction: 0.75, questions: ['category', 'attribute', 'box'], when: 'between' },
});

const tunedRows = (change: (row: Change) => Change = (row) => row): Record<string, TunedRow> =>
  Object.fromEntries(names.map((name) => [name, { from: 'base', change: change(tuning[name]), steps: TUNING }]));

const merged = (methods: Readonly<Record<string, MergeOption>>, of: readonly string[] = names): Rows =>
  Object.fromEntries(Object.entries(methods).map(([name, merge]) => [name, { merge, of }]));

/**
 * Factors that were best on dev among 0.3, 0.5, 0.7 and 1, the same grid for each method, with one seed. The exact minima of WUDI and OptMerge
 * lie far from the experts; the published methods stop after 300 small steps, and take the factor of the others.
 */
const methods: Readonly<Record<string, MergeOption>> = {
  average: { kind: 'linear' },
  sum: { kind: 'task-arithmetic', lambda: 0.3 },
  ties: { kind: 'ties', density: 0.2, lambda: 0.5 },
  dare: { kind: 'dare', density: 0.5, lambda: 0.3 },
  iso: { kind: 'iso', lambda: 0.5 },
  tsv: { kind: 'tsv', lambda: 0.5 },
  wudi: { kind: 'wudi', solve: { kind: 'descent' }, lambda: 0.5 },
  'wudi, exact': { kind: 'wudi', lambda: 0.3 },
  swudi: { kind: 'swudi', lambda: 0.5 },
  optmerge: { kind: 'optmerge', tuned: 'full', solve: { kind: 'descent' }, lambda: 0.5 },
  random: { kind: 'random', lambda: 0.5 },
};

/** Four experts of one base, merged by every method. */
export const merge: Study = {
  ...onShop,
  name: 'merge',
  changes: {
    ...tunedRows(),
    joint: { from: 'base', change: jointly, steps: names.length * TUNING },
    ...merged(methods),
    'average of all tensors': { merge: { kind: 'linear' }, of: names, tensors: 'all' },
    'average of other seeds': { merge: { kind: 'linear' }, of: names, otherSeeds: true },
  },
  prediction:
    'Full tuning: OptMerge keeps as much as WUDI, both more than TIES, TIES as much as the sum, and the average least. No merge reaches joint training. Random vectors of equal norm keep nothing, and experts of other starts destroy what the base could do.',
};

/** Adapters learn at ten times the rate of full tuning (arXiv 2405.09673, section 4). */
const withLora =
  (change: Change): Change =>
  (config) => {
    const { optimizer, ...changed } = change(config);
    return {
      ...changed,
      optimizer: { ...optimizer, rate: 3e-3 },
      tune: { kind: 'lora', rank: 8, targets: [...languageTargets] },
    };
  };
const languageTargets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** The same with experts tuned by LoRA. */
export const mergeLora: Study = {
  ...onShop,
  name: 'merge-lora',
  changes: {
    ...tunedRows(withLora),
    ...merged({
      average: methods.average,
      sum: methods.sum,
      ties: methods.ties,
      iso: methods.iso,
      wudi: methods.wudi,
      'wudi from the mean': { kind: 'wudi', start: 'mean', solve: { kind: 'descent' }, lambda: 1 },
      optmerge: { kind: 'optmerge', tuned: 'lora', solve: { kind: 'descent' }, lambda: 1 },
      random: methods.random,
    }),
  },
  prediction:
    'LoRA: methods that start from the sum, and Iso-C, lose most of what experts gained, since their directions outside of the few of each expert are noise. The mean start holds: OptMerge and WUDI from the mean are ahead of WUDI from the sum, and hardly apart.',
};

const STEPS = [50, 100, 200, 400, 800] as const;

/** Rows by number of updates: the experts, each going on from the one before, and their merges. */
const stepRows = (steps: number, at: number): Rows => {
  const of = names.map((name) => `${name}-${steps}`);
  const before = STEPS[at - 1];
  const rows = names.map((name, place): [string, TunedRow] => [
    of[place],
    {
      from: before === undefined ? 'base' : `${name}-${before}`,
      change: tuning[name],
      steps: steps - (before ?? 0),
    },
  ]);
  const merges = (['average', 'sum', 'ties'] as const).map((method) => [
    `${method}-${steps}`,
    { merge: methods[method], of },
  ]);
  return { ...Object.fromEntries(rows), ...Object.fromEntries(merges) };
};

/** Merges of experts that were tuned for more and more updates. */
export const mergeSteps: Study = {
  ...onShop,
  name: 'merge-steps',
  changes: STEPS.map(stepRows),
  experts: Object.fromEntries(Object.entries(experts).map(([task, row]) => [task, `${row}-${STEPS.at(-1)}`])),
  prediction:
    'Experts get better with every update. Merges rise with them at first and fall later, when task vectors have grown and disturb each other; the sum falls first, then TIES, and the average last.',
};
