export { cachedGradient } from '../objectives/contrastive/gradient-cache.js';
