export { cachedGradient } from '../objectives/contrastive/gradient-cache.js';
export { type Advantages, groupAdvantages } from '../objectives/group-relative/advantages.js';
export { type GroupRelativeOption, groupRelative, type Reward } from '../objectives/group-relative/group-relative.js';
