import { withoutRegions, withoutTemporal } from '../../src/ablate/changes/removals.js';
import type { Study } from '../../src/ablate/studies/study.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';

/** Two rows and the base, two seeds, trials of about a second. */
export const smallStudy: Study = {
  name: 'small',
  base: { ...shortConfig, engine: { compile: false }, optimizer: { ...shortConfig.optimizer, accumulate: 1 } },
  changes: { withoutRegions, withoutTemporal },
  seeds: [1, 2],
  data: { kind: 'shop', options: shopOptions },
  budget: { kind: 'items', steps: 4 },
  split: 'val',
};
