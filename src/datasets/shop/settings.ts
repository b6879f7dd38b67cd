import { wrongOption } from '../../checks/error.js';
import type { QueryForm, Split } from '../../data/types.js';
import { type FactName, factNames } from './facts.js';

/** The options of the generated shop. Fractions and strengths range from 0 to 1. */
export interface ShopSettings {
  /** The same seed and settings give the same shop, pixel for pixel. Default 0. */
  seed: number;
  /** Number of products. Default 5000. */
  products: number;
  /** Width and height of every image in pixels. Default 64. */
  imageSize: number;
  /** Number of gallery images per product. Default 3. */
  views: number;
  /** Distractor products behind the core product: 0 none, 1 up to six large ones. Controls how much core regions help. Default 0.5. */
  clutter: number;
  /** 0 plain paper, 1 textured backgrounds in full colour. Default 0.7. */
  background: number;
  /** Opacity of the seller's watermark. Default 0.3. */
  watermark: number;
  /** Probability that a title contains a brand, advertising words, or shuffled words. Default 0.3. */
  titleNoise: number;
  /** Probability that a synonym replaces a value in titles and queries. Default 0.3. */
  synonyms: number;
  /** Probability that a title omits an attribute. Default 0.2. */
  leftOut: number;
  /**
   * Fraction of products that copy a product of the same leaf category with one attribute changed. Controls how much hard negatives help.
   * Default 0.5.
   */
  nearIdentical: number;
  /**
   * Fraction of text and product queries that name all six attributes; the others name one to three. Controls how much guided experts help.
   * Default 0.3.
   */
  attributeHeavy: number;
  /**
   * Fraction of the purchases of training in which another product of the same leaf category stands for the one that was bought. They are
   * marked (`Pair.wrong`). Default 0.
   */
  wrongPurchases: number;
  /** Number of purchases in the training split. Default 20000. */
  trainQueries: number;
  /** Proportions of query forms in training, on any scale. Default 12 : 3 : 2 (image : text : product). */
  mix: Record<QueryForm, number>;
  /** Number of queries of each form in each of dev, val and test. Default 1000. */
  evaluationQueries: number;
  /**
   * Fractions of the products; they sum to 1. `test` contains the held-out combinations of colour and pattern. Default 0.6, 0.05, 0.2,
   * 0.15.
   */
  split: Record<Split, number>;
  /** Facts removed from every record and masked in every text; images are unchanged. Default none. */
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
  wrongPurchases: 0,
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

const fractions = [
  'clutter',
  'background',
  'watermark',
  'titleNoise',
  'synonyms',
  'leftOut',
  'nearIdentical',
  'attributeHeavy',
  'wrongPurchases',
] as const;

/**
 * Check the options and fill in the defaults.
 * @throws UserError naming a wrong option
 */
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
  for (const name of fractions) {
    if (!isFraction(settings[name])) throw wrongOption(`shop.${name}`, settings[name], 'a number from 0 to 1');
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
  if (!(parts.every(isFraction) && Math.abs(parts.reduce((sum, part) => sum + part) - 1) < 1e-9)) {
    throw wrongOption('shop.split', split, 'fractions of train, dev, val and test that sum to 1');
  }
  if (split.test > 0.5) {
    throw wrongOption(
      'shop.split.test',
      split.test,
      'at most 0.5',
      'Every colour and every pattern must remain in training.',
    );
  }
}

function isFraction(value: number): boolean {
  return value >= 0 && value <= 1;
}
