import type { Answer } from '../ablate/run/trial.js';
import type { Product } from '../data/types.js';
import type { Pixels } from '../pictures/picture-store.js';
import { nearestItems } from '../search/nearest-items.js';
import { type FilledFeatures, meanFeatures, randomFeatures, withFeatures, zeroFeatures } from './filled-pictures.js';
import { type FilledVectors, type Filling, hidden } from './filling.js';

/** Put something in place of the pictures of the gallery in every way. */
export async function pictureRows({
  data: { known, gallery },
  pixels,
  stream,
  embed,
  embedPart,
  answersOf,
  complete,
}: Filling): Promise<Record<string, Record<string, Answer[]>>> {
  const images = new Set(gallery.flatMap((product) => product.images.map(({ id }) => id)));
  const main = known.flatMap(({ images: [image] }) => (image ? [{ image }] : []));
  const features: Record<string, FilledFeatures> = {
    random: randomFeatures(stream.child('features')),
    zero: zeroFeatures,
    mean: meanFeatures(pixels, main),
  };
  const withoutImage = [...hidden, 'image' as const];
  const none = await embed(gallery, withoutImage);
  const nearest = nearestItems(none, await embed(known, withoutImage), 1);
  const byId = new Map(known.map((product) => [product.id, product]));
  const lent = gallery.map((product, at) => ({ ...product, images: byId.get(nearest[at].nearest[0].id)!.images }));
  const filled = async (products: readonly Product[], own?: Pixels): Promise<FilledVectors> => ({
    both: await embed(products, hidden, own),
    part: await embedPart(products, 'image', own),
  });
  const bare = gallery.map((product) => ({ ...product, images: [] }));
  const rows: Record<string, FilledVectors> = {
    drop: { both: none, part: await embedPart(bare, 'image') },
    neighbour: await filled(lent),
    oracle: { both: complete, part: await embedPart(gallery, 'image') },
  };
  for (const [name, own] of Object.entries(features))
    rows[name] = await filled(gallery, withFeatures(pixels, images, own));
  return Object.fromEntries(Object.entries(rows).map(([name, vectors]) => [name, answersOf('image', vectors)]));
}
