import type { MoonConfig } from '../../config/config.js';
import { shop as shopBase } from '../../datasets/shop/recipes.js';
import { withoutRegions } from '../changes/removals.js';
import type { DoseSeries } from './dose-series.js';
import { onShop, shopOptions } from './dose-studies.js';
import type { Study } from './study.js';

/**
 * Quality against one resource, everything else equal: the curves of the technical report of MOON's successor, at a size for two cores. A removal is
 * the second curve: does a piece matter more or less at scale?
 */

const shop = { kind: 'shop', options: { ...shopOptions, clutter: 0.3 } } as const;

const study = (name: string, own: Partial<Study>): Study => ({
  ...onShop,
  name,
  changes: { withoutRegions },
  data: shop,
  tasks: ['retrieval.image'],
  ...own,
});

const steps: DoseSeries = {
  name: 'scale-steps',
  dial: 'updates',
  log: true,
  doses: [50, 100, 200, 400],
  prediction: 'MRR rises with the logarithm of the updates and does not level off within 400.',
  study: (dose) => study(`steps-${dose}`, { budget: { kind: 'items', steps: dose } }),
};

const negatives: DoseSeries = {
  name: 'scale-negatives',
  dial: 'products of an update, which are negatives of each other',
  log: true,
  doses: [8, 16, 32, 64],
  prediction: 'More negatives help at equal updates; from 32 to 64 by less than from 8 to 16.',
  study: (dose) =>
    study(`negatives-${dose}`, { base: { ...shopBase, sampler: { ...shopBase.sampler, products: dose } } }),
};

const products: DoseSeries = {
  name: 'scale-products',
  dial: 'products of the catalogue, of which the gallery consists',
  log: true,
  doses: [500, 1000, 2000, 4000],
  prediction: 'A larger gallery is harder: MRR falls about as fast as its chance.',
  study: (dose) => study(`products-${dose}`, { data: { ...shop, options: { ...shop.options, products: dose } } }),
};

const size: DoseSeries = {
  name: 'scale-size',
  dial: 'language blocks of the network',
  doses: [1, 2, 4],
  prediction: 'From scratch and in 200 updates, more blocks bring nothing that three seeds can show.',
  study: (dose) =>
    study(`size-${dose}`, {
      base: {
        ...shopBase,
        network: { ...shopBase.network, depth: dose } as MoonConfig['network'],
        experts: { kind: 'guided', count: 6, topK: 1, blocks: [dose - 1] },
      },
    }),
};

export const scalingSeries: readonly DoseSeries[] = [steps, negatives, products, size];
