import type { Catalogue } from '../data/types.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { traceSequence } from '../encoder/trace.js';
import type { RegionPair } from '../figures/cards/region-pairs.js';
import type { ExpertLoad } from '../figures/plots/expert-load.js';
import type { SimilaritySeries } from '../figures/plots/similarity-curve.js';
import { objectives } from '../losses/objective-weights/option.js';
import type { RouterChoice } from '../moon/experts/router-choices.js';
import { productSequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import { thumbnail } from '../pictures/thumbnail.js';

/** What each of MOON's three pieces does in one network, as records for figures. */

/** So many items of a list, evenly spread over it. */
function spread<T>(items: readonly T[], count: number): T[] {
  const every = Math.max(1, Math.ceil(items.length / count));
  return items.filter((_, at) => at % every === 0);
}

/** Main images with the core regions that a network sees beside them; none where it has no regions. */
export async function regionsOf(
  { products }: Pick<Catalogue, 'products'>,
  pixels: Pixels,
  count = 6,
): Promise<RegionPair[]> {
  const shown = products.flatMap(({ title, images }) => {
    const image = images.find(({ id }) => !pixels.missing.has(id));
    const box = image && pixels.boxOf(image, title);
    return box ? [{ title, image, box }] : [];
  });
  return Promise.all(
    spread(shown, count).map(async ({ title, image, box }) => ({
      whole: { label: title, box, thumbnail: await thumbnail(pixels.rasterOf({ image })) },
      crop: await thumbnail(pixels.rasterOf({ image, crop: box })),
    })),
  );
}

/** Which experts read the tokens of each aspect, over products evenly spread over the catalogue; none for a network without experts. */
export async function expertsOf(
  encoder: Encoder,
  { products }: Pick<Catalogue, 'products'>,
  pixels: Pixels,
  count = 24,
): Promise<{ loads: ExpertLoad[]; names: string[] }> {
  if (encoder.model.experts.kind === 'none') return { loads: [], names: [] };
  const choices: RouterChoice[] = [];
  for (const product of spread(products, count)) {
    const images = product.images.filter(({ id }) => !pixels.missing.has(id));
    const sequence = productSequence({ ...product, images }, sequenceOptions(encoder, pixels));
    if (sequence.segments.length) choices.push(...(await traceSequence(encoder, sequence, pixels)).choices);
  }
  return expertLoads(choices);
}

/** Choices of the router as rows of `expertLoad`: a row a layer and aspect; numbered experts first, then those of named groups. */
export function expertLoads(choices: readonly RouterChoice[]): { loads: ExpertLoad[]; names: string[] } {
  const experts = [...new Set(choices.map(({ expert }) => expert))];
  const numbered = experts.filter((expert) => typeof expert === 'number');
  const ordinary = Array.from({ length: numbered.length ? Math.max(...numbered) + 1 : 0 }, (_, expert) => expert);
  const all = [...ordinary, ...experts.filter((expert) => typeof expert === 'string').sort()];
  const rows = new Map<string, ExpertLoad>();
  for (const { block, aspect, expert, tokens } of choices) {
    const key = `${block} ${aspect}`;
    const row = rows.get(key) ?? { layer: block, aspect, tokens: all.map(() => 0) };
    row.tokens[all.indexOf(expert)] += tokens;
    rows.set(key, row);
  }
  return { loads: [...rows.values()], names: all.map(String) };
}

/** Weights of the objectives of dual alignment over the steps of a training, as curves for `lossCurve`; none of another training. */
export function objectiveCurves(
  records: readonly { step: number; measures: Record<string, number> }[],
): { name: string; steps: number[]; values: number[] }[] {
  return objectives.flatMap((name) => {
    const own = records.filter(({ measures }) => Number.isFinite(measures[`${name}Weight`]));
    if (!own.length) return [];
    return [{ name, steps: own.map(({ step }) => step), values: own.map(({ measures }) => measures[`${name}Weight`]) }];
  });
}

const sources = { inBatch: 'in batch', hard: 'hard', spatial: 'spatial', temporal: 'temporal' };

/** Mean similarity of queries to their positives and to each kind of negative, over the steps of a training. */
export function similaritiesOf(
  records: readonly { step: number; measures: Record<string, number> }[],
): SimilaritySeries[] {
  const series = (kind: string, measure: string): SimilaritySeries[] => {
    const own = records.filter(({ measures }) => Number.isFinite(measures[measure]));
    return own.length
      ? [{ kind, steps: own.map(({ step }) => step), mean: own.map(({ measures }) => measures[measure]) }]
      : [];
  };
  return [
    ...series('positive', 'positive'),
    ...Object.entries(sources).flatMap(([source, kind]) => series(kind, `${source}Similarity`)),
  ];
}
