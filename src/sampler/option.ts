import { wrongOption } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, number, oneOf, record } from '../checks/schema.js';

/** Options of the sampler: what one training step contains. */
export interface SamplerOption {
  /** Number of distinct products bought in a step. */
  products: number;
  /** Number of queries per product, from photos of different bursts if available. */
  queries: number;
  /**
   * Number of products of one category that are sampled together. If above 1, hard negatives are chosen from the step's own products; if 1,
   * products are sampled independently of their category, and each adds a hard negative to the step.
   */
  together: number;
  /**
   * How the forms of queries are chosen: in the proportions of `mix`, or `each`: a product is asked by picture, text and both in turn, once if
   * `queries` is 3. Default `mix`.
   */
  forms?: 'mix' | 'each';
  /** Proportions of query forms; 12 : 3 : 2 in the paper. If a product has no query of a form, another form is used. */
  mix: { image: number; text: number; product: number };
  /**
   * Probability that a text query is taken from the log, if the product has any there; otherwise it is synthesised (`sampleTextQuery`).
   * Default 0.5.
   */
  logged?: number;
  /** Probability that an item is shown without a field. At least one field is always kept. Default 0. */
  withhold: { image?: number; title?: number; category?: number; attributes?: number };
}

const proportion = (form: string) => number({ min: 0, help: `the proportion of queries that are ${form}` });
const without = (field: string) =>
  fraction({ default: 0, help: `the probability that an item is shown without ${field}` });

export const samplerSchema = record<SamplerOption>({
  products: integer({ min: 2, max: 65536, help: 'distinct products bought in a step' }),
  queries: integer({ min: 1, max: 1024, help: 'queries of each product' }),
  together: integer({ min: 1, max: 65536, help: 'products of one category that are sampled together' }),
  forms: oneOf(['mix', 'each'] as const, {
    default: 'mix',
    help: 'forms of queries in the proportions of mix, or picture, text and both in turn for each product',
  }),
  mix: record<SamplerOption['mix']>({
    image: proportion('an image'),
    text: proportion('a text'),
    product: proportion('an image with a text'),
  }),
  logged: fraction({
    default: 0.5,
    help: 'the probability that a text query is taken from the log; otherwise it is synthesised',
  }),
  withhold: record<SamplerOption['withhold']>({
    image: without('its image'),
    title: without('its title'),
    category: without('its category'),
    attributes: without('its attributes'),
  }),
});

export const samplerOption = (option: SamplerOption): Filled<SamplerOption> => fillIn(samplerSchema, option, 'sampler');

/** @throws UserError if all proportions are 0 */
export function checkMix({ mix }: Pick<SamplerOption, 'mix'>): void {
  if (!(mix.image + mix.text + mix.product > 0))
    throw wrongOption('sampler.mix', mix, 'a proportion above 0 for at least one query form');
}
