import type { ProductImage, Raster } from '../data/types.js';

/** The same image, drawn once if it is a drawing: looking at it twice must not draw it twice, and not looking at it not at all. */
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
