import { imageHash } from '../../data/images/image-hash.js';
import type { Box, ProductImage, Raster } from '../../data/types.js';
import type { RandomStream } from '../../engine/random.js';
import { decodeImage } from '../../pictures/image.js';
import { massBox } from '../../regions/mass-box.js';
import type { Mask, Segmenter } from '../../regions/segmentation.js';

/** Side of a view in pixels. Views are held in memory: 192 kB each. */
const SIDE = 256;

/** Mask values from which a pixel belongs to the product, as for core regions. */
const THRESHOLD = 0.5;

/**
 * Views of the product on an image: cut out by its mask, mirrored or not, moved, scaled from 0.6 to 1.2, on a plain or shaded background of a
 * random light or dark colour. Empty if the segmentation finds no product.
 * @throws ImageError for an image that cannot be read
 */
export async function cutOutViews(
  image: ProductImage,
  product: string,
  count: number,
  segmenter: Pick<Segmenter, 'maskOf'>,
  stream: RandomStream,
): Promise<ProductImage[]> {
  const mask = await segmenter.maskOf(image.source);
  const { box: found } = massBox(mask.values, mask.side, THRESHOLD);
  if (!found) return [];
  const raster = await decodeImage(image.source, { width: SIDE, height: SIDE, fit: 'stretch' });
  return Promise.all(
    Array.from({ length: count }, async (_, at): Promise<ProductImage> => {
      const view = composed(raster, mask, found, stream.child(`${product} ${at}`));
      const source = { kind: 'drawn', draw: () => view.raster } as const;
      return { id: `redraw/${product}/${at}`, box: view.box, source: { ...source, key: await imageHash(source) } };
    }),
  );
}

/** One view: for every pixel the place of the image that it shows, mixed with the background by the mask. */
function composed(
  { width, height, data }: Raster,
  { side, values }: Mask,
  box: Box,
  stream: RandomStream,
): { raster: Raster; box: Box } {
  const mirrored = stream.uniform() < 0.5;
  const [wide, high] = [box.x2 - box.x1, box.y2 - box.y1];
  // The product fills 0.5 to 0.9 of the view, and stays inside it.
  const scale = Math.min(1.2, (0.5 + 0.4 * stream.uniform()) / Math.max(wide, high));
  const left = stream.uniform() * (1 - wide * scale);
  const top = stream.uniform() * (1 - high * scale);
  const colours = [colourOf(stream), colourOf(stream)];
  const shaded = stream.uniform() < 0.5;
  const out = new Uint8Array(SIDE * SIDE * 3);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      const across = ((column + 0.5) / SIDE - left) / scale;
      const x = mirrored ? box.x2 - across : box.x1 + across;
      const y = box.y1 + ((row + 0.5) / SIDE - top) / scale;
      const inside = x >= 0 && x < 1 && y >= 0 && y < 1;
      const own = inside ? values[Math.floor(y * side) * side + Math.floor(x * side)] : 0;
      const from = inside ? 3 * (Math.floor(y * height) * width + Math.floor(x * width)) : 0;
      const share = shaded ? row / SIDE : 0;
      for (let channel = 0; channel < 3; channel++) {
        const behind = (1 - share) * colours[0][channel] + share * colours[1][channel];
        out[3 * (row * SIDE + column) + channel] = Math.round(own * data[from + channel] + (1 - own) * behind);
      }
    }
  return {
    raster: { width: SIDE, height: SIDE, data: out },
    box: { x1: left, y1: top, x2: left + wide * scale, y2: top + high * scale },
  };
}

const colourOf = (stream: RandomStream) => Array.from({ length: 3 }, () => 40 + stream.integer(200));
