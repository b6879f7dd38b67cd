import type { Say } from '../ablate/run/seed-study.js';
import type { Box, ProductImage, Split } from '../data/types.js';
import { type GroupPicture, shopGroups } from '../datasets/shop/groups.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { decodeImage } from '../pictures/image.js';
import { pictureKey, type SequenceImage } from '../pictures/shown-picture.js';
import { proposers } from '../regions/proposals/index.js';
import type { Proposer } from '../regions/proposals/proposer.js';
import { type ProposalScore, scoreProposals } from '../regions/proposals/score-proposals.js';
import type { InstanceExample } from './batch.js';
import { trainProposer } from './pasted/learned-proposer.js';
import { regionFeatures } from './region-features.js';
import type { InstanceSettings } from './study-settings.js';

/** The proposer whose boxes training reads. */
export const LEARNED = 'pasted';

/** One picture of several products to ask for, with the features of the boxes that each proposer gave. */
export interface AskedPicture {
  id: string;
  caption: string;
  products: readonly string[];
  regions: Readonly<Record<string, readonly Float32Array[]>>;
}

/** A picture of one product. */
export interface SinglePicture {
  id: string;
  product: string;
  title: string;
  features: Float32Array;
}

/** What the rows of all seeds are computed from. */
export interface InstanceData {
  examples: InstanceExample[];
  asked: AskedPicture[];
  gallery: SinglePicture[];
  /** How well the boxes of each proposer cover those of the products that are asked for. */
  proposals: Readonly<Record<string, ProposalScore & { boxes: number }>>;
}

/** The pictures of the study, which are drawn when they are read. */
export interface InstancePictures {
  learn: GroupPicture[];
  ask: GroupPicture[];
  /** Of single products, to learn from and to find. */
  singles: NamedPicture[];
  gallery: NamedPicture[];
}

interface NamedPicture {
  image: ProductImage;
  product: string;
  title: string;
}

export function instancePictures(shop: Shop, { groups, split }: InstanceSettings): InstancePictures {
  const singlesOf = (of: Split) =>
    shop.products
      .filter(({ id }) => shop.splits.get(id) === of)
      .flatMap(({ id: product, title, images }) => images.map((image) => ({ image, product, title })));
  return {
    learn: shopGroups(shop, { count: groups.train, split: 'train' }),
    ask: shopGroups(shop, { count: groups.asked, split }),
    singles: singlesOf('train'),
    gallery: singlesOf(split),
  };
}

/** Learn the proposer from single pictures of training, propose boxes, and compute the features of all regions once. */
export async function instanceData(
  { learn, ask, singles, gallery }: InstancePictures,
  settings: InstanceSettings,
  { folder, say, signal }: { folder: string; say: Say; signal: AbortSignal },
): Promise<InstanceData> {
  const { learnBoxes, askBoxes } = await proposeAll(learn, ask, singles, settings, say, signal);
  const shown: SequenceImage[] = [
    ...learn.flatMap(({ image }, at) => learnBoxes[at].map((crop) => ({ image, crop }))),
    ...ask.flatMap(({ image }, at) =>
      Object.values(askBoxes).flatMap((boxes) => boxes[at].map((crop) => ({ image, crop }))),
    ),
    ...[...singles, ...gallery].map(({ image }) => ({ image })),
  ];
  const features = await regionFeatures(shown, settings.vision, {
    folder,
    onProgress: (done, total) => say('features', done, total),
    signal,
  });
  const known = new Map(shown.map((picture, at) => [pictureKey(picture), features[at]]));
  const featuresOf = (image: ProductImage, boxes: readonly Box[]) =>
    boxes.map((crop) => known.get(pictureKey({ image, crop }))!);
  return {
    examples: [
      ...learn.flatMap(({ id, image, caption, members }, at): InstanceExample[] => {
        const regions = featuresOf(image, learnBoxes[at]);
        return regions.length ? [{ id, text: caption, regions, products: members.map(({ product }) => product) }] : [];
      }),
      ...singles.map(({ image, product, title }) => ({
        id: image.id,
        text: title,
        regions: [known.get(pictureKey({ image }))!],
        products: [product],
      })),
    ],
    asked: ask.map(({ id, image, caption, members }, at) => ({
      id,
      caption,
      products: members.map(({ product }) => product),
      regions: Object.fromEntries(
        Object.entries(askBoxes).map(([name, boxes]) => [name, featuresOf(image, boxes[at])]),
      ),
    })),
    gallery: gallery.map(({ image, product, title }) => ({
      id: image.id,
      product,
      title,
      features: known.get(pictureKey({ image }))!,
    })),
    proposals: Object.fromEntries(
      Object.entries(askBoxes).map(([name, boxes]) => [
        name,
        {
          ...scoreProposals(
            ask.map(({ members }, at) => ({ known: members.map(({ box }) => box), proposed: boxes[at] })),
          ),
          boxes: boxes.reduce((sum, own) => sum + own.length, 0) / boxes.length,
        },
      ]),
    ),
  };
}

async function proposeAll(
  learn: readonly GroupPicture[],
  ask: readonly GroupPicture[],
  singles: readonly { image: ProductImage }[],
  { vision, shop, proposer, boxes: count }: InstanceSettings,
  say: Say,
  signal: AbortSignal,
): Promise<{ learnBoxes: Box[][]; askBoxes: Record<string, Box[][]> }> {
  say('learning to propose boxes', 0, 1);
  const side = shop.imageSize ?? 64;
  const learned = await trainProposer(
    singles.map(({ image }) => image),
    { ...proposer, model: vision.model, side, signal },
  );
  const propose = async (pictures: readonly GroupPicture[], by: Proposer, label: string) => {
    const boxes: Box[][] = [];
    for (const { id, image, members } of pictures) {
      signal.throwIfAborted();
      const raster = await decodeImage(image.source, { width: side, height: side, fit: 'stretch' });
      boxes.push(await by({ id, raster, boxes: members.map(({ box }) => box) }, count));
      say(`boxes, ${label}`, boxes.length, pictures.length);
    }
    return boxes;
  };
  try {
    const askBoxes: Record<string, Box[][]> = {};
    for (const [name, by] of Object.entries({ [LEARNED]: learned.propose, ...proposers }))
      askBoxes[name] = await propose(ask, by, name);
    return { learnBoxes: await propose(learn, learned.propose, LEARNED), askBoxes };
  } finally {
    learned.dispose();
  }
}
