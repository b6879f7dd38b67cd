import { wrongOption } from '../../checks/error.js';
import type { QueryForm, Split } from '../../data/types.js';
import { type FactName, factNames } from './facts.js';

/** Every dial of the generated shop. Shares and strengths are 0 .. 1. */
export interface ShopSettings {
  /** Same seed and settings, same shop, to the last pixel. Default 0. */
  seed: number;
  /** Default 5000. */
  products: number;
  /** Pixels, both sides of every image. Default 64. */
  imageSize: number;
  /** Gallery images a product. Default 3. */
  views: number;
  /** Distractor products behind the core product: 0 none, 1 up to six large ones. Makes core regions matter. Default 0.5. */
  clutter: number;
  /** 0 plain paper, 1 textured backgrounds in full colours. Default 0.7. */
  background: number;
  /** Opacity of the seller's mark across the image. Default 0.3. */
  watermark: number;
  /** How often titles carry brands and sales talk and lose their word order. Default 0.3. */
  titleNoise: number;
  /** How often another word stands for a value, in titles and queries. Default 0.3. */
  synonyms: number;
  /** How often a title leaves an attribute out. Default 0.2. */
  leftOut: number;
  /** Share of products that are a product of the same leaf category with one attribute changed. Makes hard negatives matter. Default 0.5. */
  nearIdentical: number;
  /** Share of text and product queries that name all six attributes, where the others name one to three. Makes guidance matter. Default 0.3. */
  attributeHeavy: number;
  /** Purchases of the training split. Default 20000. */
  trainQueries: number;
  /** Proportions of the forms among them; any positive scale. Default 12 : 3 : 2 (image : text : product). */
  mix: Record<QueryForm, number>;
  /** Queries of each form in each of dev, val and test. Default 1000. */
  evaluationQueries: number;
  /** Shares of the products; they add up to 1. `test` is that of unseen combinations of colour and pattern. Default 0.6, 0.05, 0.2, 0.15. */
  split: Record<Split, number>;
  /** Facts missing from every record and masked in every text; the images stay. Default none. */
  withhold: readonly FactName[];
}

export type ShopOptions = Partial<ShopSettings>;

const defaults: ShopSettings = {
  seed: 0,
  products: 5000,
  imageSize: 64,
  views: 3,
  clutter: 0.5,
  background: 0.7,
  watermark: 0.3,
  titleNoise: 0.3,
  synonyms: 0.3,
  leftOut: 0.2,
  nearIdentical: 0.5,
  attributeHeavy: 0.3,
  trainQueries: 20000,
  mix: { image: 12, text: 3, product: 2 },
  evaluationQueries: 1000,
  split: { train: 0.6, dev: 0.05, val: 0.2, test: 0.15 },
  withhold: [],
};

const counts = {
  products: [1, 1_000_000],
  imageSize: [16, 1024],
  views: [1, 1000],
  trainQueries: [0, 10_000_000],
  evaluationQueries: [0, 1_000_000],
} as const;

const shares = [
  'clutter',
  'background',
  'watermark',
  'titleNoise',
  'synonyms',
  'leftOut',
  'nearIdentical',
  'attributeHeavy',
] as const;

/** The options with their defaults; a wrong value is refused by a UserError that names it. */
export function shopSettings(options: ShopOptions): ShopSettings {
  for (const name of Object.keys(options)) {
    if (!(name in defaults)) throw wrongOption('shop', name, `an option among ${Object.keys(defaults).join(' | ')}`);
  }
  const settings = { ...defaults, ...options };
  if (!Number.isInteger(settings.seed)) throw wrongOption('shop.seed', settings.seed, 'an integer');
  for (const [name, [low, high]] of Object.entries(counts) as [keyof typeof counts, readonly [number, number]][]) {
    const value = settings[name];
    if (!(Number.isInteger(value) && value >= low && value <= high)) {
      throw wrongOption(`shop.${name}`, value, `an integer from ${low} to ${high}`);
    }
  }
  for (const name of shares) {
    if (!isShare(settings[name])) throw wrongOption(`shop.${name}`, settings[name], 'a number from 0 to 1');
  }
  checkMix(settings.mix);
  checkSplit(settings.split);
  for (const name of settings.withhold) {
    if (!factNames.includes(name)) throw wrongOption('shop.withhold', name, `one of ${factNames.join(' | ')}`);
  }
  return settings;
}

function checkMix(mix: Record<QueryForm, number>): void {
  const parts = [mix.image, mix.text, mix.product];
  if (!(parts.every((part) => part >= 0 && part < Number.POSITIVE_INFINITY) && parts.some((part) => part > 0))) {
    throw wrongOption('shop.mix', mix, 'image, text and product, none negative and one above 0');
  }
}

function checkSplit(split: Record<Split, number>): void {
  const parts = [split.train, split.dev, split.val, split.test];
  if (!(parts.every(isShare) && Math.abs(parts.reduce((sum, part) => sum + part) - 1) < 1e-9)) {
    throw wrongOption('shop.split', split, 'shares of train, dev, val and test that add up to 1');
  }
  if (split.test > 0.5) {
    throw wrongOption(
      'shop.split.test',
      split.test,
      'at most 0.5',
      'Every colour and pattern must be left to train on.',
    );
  }
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}
