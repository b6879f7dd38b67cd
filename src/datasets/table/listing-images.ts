import type { CatalogueBuilder } from '../../data/catalogue-builder.js';
import type { FoundImage } from '../../data/images/find-image.js';
import type { ProductImage } from '../../data/types.js';
import type { EmbeddedPicture, PlacedListing } from './listing.js';

/**
 * Find the images of a listing where its names say, or else by its id: exports name pictures by links while their files are named by ids.
 * @param pathOf the path of a picture that the table names by an id of its own
 * @param hasId whether the id comes from the table, and so may name files
 */
export async function listingImages(
  builder: CatalogueBuilder,
  { id, images, place }: PlacedListing,
  pathOf: (name: string) => string,
  hasId: boolean,
): Promise<ProductImage[]> {
  const found: (FoundImage | EmbeddedPicture)[] = [];
  for (const image of images)
    found.push(typeof image === 'string' ? await builder.findImage(placesOf(pathOf(image))) : image);
  const isNowhere = found.every((image) => 'problem' in image);
  const byId = hasId && isNowhere ? await builder.imagesOfId(id, place) : [];
  if (byId.length) return byId;
  const taken = new Map<string, ProductImage>();
  for (const [at, image] of found.entries()) {
    const one =
      'bytes' in image
        ? await builder.embeddedImage(`${place.file}:${place.line}/${at + 1}`, image.bytes, place)
        : builder.takeImage(image, place);
    if (one) taken.set(one.id, one);
  }
  return [...taken.values()];
}

/** Where an image of this name may be, relative to the data folder. */
export const placesOf = (name: string): string[] => [name, `images/${name}`];
