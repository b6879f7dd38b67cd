import type { MoonConfig } from '../../../src/config/config.js';
import { grocery } from '../../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { readMetrics } from '../../../src/train/run/metrics-file.js';
import type { StepRecord } from '../../../src/train/step-record.js';

/** A run of seconds that has everything a state holds: queue, average, accumulation, captions, learned temperature. */
export const shortConfig: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' }, depth: 1, visionDepth: 1 },
  experts: { kind: 'guided', count: 4, topK: 1, blocks: [0] },
  imageSize: 16,
  region: { kind: 'centre' },
  sampler: { ...grocery.sampler, products: 4, queries: 1 },
  negatives: { ...grocery.negatives, temporal: { kind: 'queue', size: 6, start: 0 } },
  captioning: { kind: 'captions', fraction: 0.25 },
  average: { kind: 'exponential', decay: 0.9 },
  optimizer: { ...grocery.optimizer, steps: 8, warmUpSteps: 2, accumulate: 2 },
};

export const shopOptions = {
  clutter: 0,
  background: 0,
  watermark: 0,
  nearIdentical: 0,
  products: 40,
  trainQueries: 100,
  evaluationQueries: 10,
  imageSize: 24,
};

export const shortShop = () => generateShop(shopOptions);

/** What a run repeats bit for bit: its records without the times. */
export const withoutTimes = (records: readonly StepRecord[]) =>
  records.map(({ seconds: _, dataSeconds: __, ...rest }) => rest);

export const digits = (run: string) => withoutTimes(readMetrics(run));
