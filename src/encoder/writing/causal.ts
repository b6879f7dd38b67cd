import type { MoonModel } from '../../moon/model.js';

/** The model as it reads in its captioning stage, each token after those before it. */
export const causal = (model: MoonModel): MoonModel => ({ ...model, attention: 'causal' });
