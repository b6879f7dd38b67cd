import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import type { Answer } from '../ablate/run/trial.js';
import { textOf } from '../complete/filler.js';
import { decoder } from '../complete/fillers/decoder.js';
import type { MoonConfig } from '../config/config.js';
import type { Product } from '../data/types.js';
import type { SellerText } from '../datasets/shop/seller-text.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { startNetwork } from '../encoder/start-network.js';
import { randomStream } from '../engine/random.js';
import type { Pixels } from '../pictures/picture-store.js';
import { train } from '../train/loop.js';
import { attributeTemplate, firstSentence } from './controls.js';
import { type SummaryScores, summaryScores } from './scores.js';

/** Tasks by name, the headline first. */
export const summaryTasks: Record<keyof SummaryScores, string> = {
  photo: 'F1 of the facts that only the photo shows',
  text: 'F1 of the facts that the text states',
  false: 'false claims among the facts stated (fewer are better)',
  rouge: 'ROUGE-L F1 with the nearest of three references',
};

/** What all rows are computed from. */
export interface SummaryData {
  /** With descriptions and summaries. */
  shop: Shop;
  sellers: ReadonlyMap<string, SellerText>;
  /** Products whose summaries are written. */
  asked: readonly Product[];
  /** Pictures of a config, read once. */
  pixelsOf(config: MoonConfig): Promise<Pixels>;
}

/** A network of the study: what its config and its data differ by from the base. */
interface Variant {
  config?: (base: MoonConfig) => MoonConfig;
  /** What training and writing read of a product. */
  read?: (product: Product) => Product;
}

const without = (loss: 'words' | 'distance' | 'contrast' | 'regions'): Variant => ({
  config: (base) => ({ ...base, captioning: { ...base.captioning, [loss]: 0 } as MoonConfig['captioning'] }),
});

const ungated = (base: MoonConfig): MoonConfig => ({ ...base, promptGate: { kind: 'none' } });

const alone = { distance: 0, contrast: 0 };

export const summaryVariants: Readonly<Record<string, Variant>> = {
  full: {},
  'no words': without('words'),
  'no distance': without('distance'),
  'no contrast': without('contrast'),
  'no regions': without('regions'),
  'no gate': { config: ungated },
  'text only': {
    config: (base) => ({
      ...ungated(base),
      vision: { kind: 'none' },
      captioning: { ...base.captioning, ...alone, regions: 0 } as MoonConfig['captioning'],
    }),
  },
  'photo only': {
    config: (base) => ({
      ...ungated(base),
      captioning: { ...base.captioning, ...alone } as MoonConfig['captioning'],
    }),
    read: ({ description: _, ...product }) => product,
  },
};

/** Write the summaries of one seed in every way: by networks, by the first of them with photos of other products, and without a network. */
export async function summaryRows(
  { shop, sellers, asked, pixelsOf }: SummaryData,
  { encoder: base, most }: { encoder: MoonConfig; most: number },
  { seed, onProgress, signal }: { seed: number; onProgress: Say; signal: AbortSignal },
): Promise<SeedRow[]> {
  const rowOf = (name: string, texts: readonly string[], parameters = 0, measures?: SeedRow['measures']): SeedRow => ({
    name,
    tasks: answersOf(shop, sellers, asked, texts),
    parameters,
    ...(measures && { measures }),
  });
  const rows: SeedRow[] = [];
  const shuffled = otherPhotos(asked, seed);
  for (const [name, { config: change, read }] of Object.entries(summaryVariants)) {
    const config = { ...(change ? change(base) : base), seed };
    const own = read ? { ...shop, products: shop.products.map(read) } : shop;
    const pixels = await pixelsOf(config);
    const encoder = startNetwork(config, own);
    try {
      const last: Record<string, number> = {};
      await train(encoder, own, pixels, {
        onStep({ step, measures }) {
          onProgress(name, step, config.optimizer.steps);
          Object.assign(last, measures);
        },
        signal,
      });
      const write = async (products: readonly Product[]) => {
        const lacking = products.map(({ summary: _, ...product }) => (read ? read(product) : product));
        return (await decoder(encoder, { most })({ products: lacking, field: 'summary', pixels, signal })).map(textOf);
      };
      rows.push(rowOf(name, await write(asked), encoder.parameters.size, last));
      if (name === 'full') rows.push(rowOf('shuffled photo', await write(shuffled), encoder.parameters.size));
    } finally {
      encoder.parameters.dispose();
    }
  }
  const seller = (product: Product) => sellers.get(product.id)!;
  const known = shop.products.filter(({ id }) => shop.splits.get(id) === 'train');
  const stream = randomStream(seed, 'summary of another');
  const controls: Record<string, (product: Product) => string> = {
    'first sentence': (product) => firstSentence(seller(product).description),
    template: (product) => attributeTemplate(seller(product).description),
    random: () => seller(stream.pick(known)).summaries[0],
    oracle: (product) => seller(product).summaries[0],
  };
  return [...rows, ...Object.entries(controls).map(([name, write]) => rowOf(name, asked.map(write)))];
}

/** Each product with the picture of the next one in a random order. */
function otherPhotos(products: readonly Product[], seed: number): Product[] {
  const order = randomStream(seed, 'photos of others').shuffle([...products.keys()]);
  const next = new Map(order.map((row, at) => [row, order[(at + 1) % order.length]]));
  return products.map((product, row) => ({ ...product, images: products[next.get(row)!].images }));
}

function answersOf(
  shop: Shop,
  sellers: ReadonlyMap<string, SellerText>,
  asked: readonly Product[],
  texts: readonly string[],
): Record<string, Answer[]> {
  const scores = asked.map(({ id }, at) => summaryScores(texts[at], sellers.get(id)!, shop.facts.get(id)!));
  return Object.fromEntries(
    (Object.keys(summaryTasks) as (keyof SummaryScores)[]).map((task) => [
      task,
      asked.map(({ id }, at): Answer => {
        const place = { before: 0, tied: 0, relevant: 1, best: [id] };
        return { task, query: id, product: id, gold: [id], ...place, value: scores[at][task] };
      }),
    ]),
  );
}
