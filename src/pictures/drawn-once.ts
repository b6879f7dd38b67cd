import type { ProductImage, Raster } from '../data/types.js';

/** The same image, drawn lazily and at most once if its source is a drawing function. */
export function drawnOnce(image: ProductImage): ProductImage {
  const { source } = image;
  if (source.kind === 'file') return image;
  let raster: Raster | undefined;
  const draw = () => {
    raster ??= source.draw();
    return raster;
  };
  return { ...image, source: { ...source, draw } };
}
