import type { MoonConfig } from '../../config/config.js';
import { moon2Of } from '../moon2.js';
import { shop } from './recipes.js';

/** MOON2.0 on the generated shop. */
export const moon2: MoonConfig = moon2Of({ ...shop, sampler: { ...shop.sampler, products: 16 } });
