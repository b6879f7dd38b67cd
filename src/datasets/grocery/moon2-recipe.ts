import type { MoonConfig } from '../../config/config.js';
import { moon2Of } from '../moon2.js';
import { groceryFrozen } from './recipes.js';

/** MOON2.0 on real photos, with a frozen image encoder. */
export const groceryMoon2: MoonConfig = moon2Of({
  ...groceryFrozen,
  sampler: { ...groceryFrozen.sampler, products: 24 },
});
