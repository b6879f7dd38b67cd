import type { MoonConfig } from '../../config/config.js';
import { shop as shopBase } from '../../datasets/shop/recipes.js';
import type { ShopOptions } from '../../datasets/shop/settings.js';
import { fromScratch } from '../changes/pretrained-changes.js';
import { withoutGuidance, withoutHard, withoutRegions } from '../changes/removals.js';
import { centreCrop } from '../changes/variations.js';
import type { DoseSeries } from './dose-series.js';
import { onPretrained, pretrainedBase } from './pretrained-study.js';
import type { Study } from './study.js';

/** 2,000 products in small scenes, so that training takes most of a trial's time. */
export const shopOptions: ShopOptions = {
  products: 2000,
  imageSize: 40,
  views: 1,
  trainQueries: 1500,
  evaluationQueries: 1000,
  watermark: 0,
};

export const onShop = {
  base: shopBase,
  seeds: [1, 2, 3],
  budget: { kind: 'items', steps: 200 },
  split: 'val',
} as const satisfies Partial<Study>;

const clutter: DoseSeries = {
  name: 'dose-clutter',
  dial: 'clutter: distractors around the product',
  doses: [0, 0.5, 1],
  prediction:
    'Without clutter regions do little, and a centre crop does as well. The more clutter, the more a network without regions falls behind, and a centre crop stays between the two.',
  study: (dose) => ({
    ...onShop,
    name: `clutter-${dose}`,
    changes: { centreCrop, withoutRegions },
    data: { kind: 'shop', options: { ...shopOptions, clutter: dose } },
    tasks: ['retrieval.image'],
  }),
};

const nearIdentical: DoseSeries = {
  name: 'dose-near-identical',
  dial: 'fraction of products that have a near-identical twin',
  doses: [0, 0.45, 0.9],
  prediction:
    'Where most products have a twin that differs in one attribute, a network without hard negatives loses more than where none has.',
  study: (dose) => ({
    ...onShop,
    name: `near-identical-${dose}`,
    changes: { withoutHard },
    data: { kind: 'shop', options: { ...shopOptions, clutter: 0.3, nearIdentical: dose } },
    tasks: ['retrieval.image'],
  }),
};

const attributeHeavy: DoseSeries = {
  name: 'dose-attributes',
  dial: 'fraction of queries that name all attributes',
  doses: [0, 0.5, 1],
  prediction:
    'Where queries name all six attributes, experts of their own for attributes matter more: without guidance more is lost than where queries name one to three.',
  study: (dose) => ({
    ...onShop,
    name: `attributes-${dose}`,
    base: { ...shopBase, sampler: { ...shopBase.sampler, mix: { image: 1, text: 1, product: 1 } } },
    changes: { withoutGuidance },
    data: {
      kind: 'shop',
      options: { ...shopOptions, clutter: 0.3, attributeHeavy: dose, mix: { image: 1, text: 1, product: 1 } },
    },
    tasks: ['retrieval.product'],
  }),
};

/** The same base on the first blocks of the language model, with a control of random weights. */
const blocks: DoseSeries = {
  name: 'dose-blocks',
  dial: 'blocks of the pretrained language model',
  doses: [2, 6, 12, 30],
  prediction:
    'Photos gain little from further blocks; held-back titles gain from 2 to 12 blocks. From scratch more blocks only cost.',
  study: (dose) => ({
    ...onPretrained,
    name: `blocks-${dose}`,
    base: {
      ...pretrainedBase,
      network: { ...pretrainedBase.network, blocks: dose } as MoonConfig['network'],
      experts: { kind: 'guided', count: 3, topK: 1, blocks: [dose - 1] },
    },
    changes: { fromScratch },
  }),
};

export const dosesOfPieces: readonly DoseSeries[] = [clutter, nearIdentical, attributeHeavy, blocks];
