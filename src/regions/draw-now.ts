import type { ProductImage } from '../data/types.js';

/** The same image, drawn already if it is a drawing: looking at it twice must not draw it twice. */
export function drawNow(image: ProductImage): ProductImage {
  const { source } = image;
  if (source.kind === 'file') return image;
  const raster = source.draw();
  return { ...image, source: { kind: 'drawn', draw: () => raster } };
}
