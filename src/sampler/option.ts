import { wrongOption } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, number, record } from '../checks/schema.js';

/** What one step trains on. */
export interface SamplerOption {
  /** Different products that are bought in a step. */
  products: number;
  /** Queries a product, from photos of different bursts where it has them. */
  queries: number;
  /**
   * Products of one category that are drawn together. More than 1: hard negatives are those of them that stand in the step anyway;
   * with 1 products are drawn without regard to it, and each brings a hard negative along.
   */
  together: number;
  /** Proportions of query forms; the paper's are 12 : 3 : 2. A form that a product has no query of becomes one that it has. */
  mix: { image: number; text: number; product: number };
  /** Chance that a text query is one from the log, where the product has some; else one is made up (`drawTextQuery`). Default 0.5. */
  logged?: number;
  /** Chance that an item is shown without a field; never without all that it has. Default 0. */
  withhold: { image?: number; title?: number; category?: number; attributes?: number };
}

const proportion = (form: string) => number({ min: 0, help: `the proportion of queries that are ${form}` });
const without = (field: string) => fraction({ default: 0, help: `the chance that an item is shown without ${field}` });

export const samplerSchema = record<SamplerOption>({
  products: integer({ min: 2, max: 65536, help: 'different products that are bought in a step' }),
  queries: integer({ min: 1, max: 1024, help: 'queries of each product' }),
  together: integer({ min: 1, max: 65536, help: 'products of one category that are drawn together' }),
  mix: record<SamplerOption['mix']>({
    image: proportion('an image'),
    text: proportion('a text'),
    product: proportion('an image with a text'),
  }),
  logged: fraction({ default: 0.5, help: 'the chance that a text query is one from the log; else it is made up' }),
  withhold: record<SamplerOption['withhold']>({
    image: without('its image'),
    title: without('its title'),
    category: without('its category'),
    attributes: without('its attributes'),
  }),
});

export const samplerOption = (option: SamplerOption): Filled<SamplerOption> => fillIn(samplerSchema, option, 'sampler');

/** @throws UserError for a mix of nothing */
export function checkMix({ mix }: Pick<SamplerOption, 'mix'>): void {
  if (!(mix.image + mix.text + mix.product > 0))
    throw wrongOption('sampler.mix', mix, 'a proportion above 0 for at least one query form');
}
