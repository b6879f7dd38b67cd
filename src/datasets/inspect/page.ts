import { ImageError } from '../../data/images/image-file.js';
import type { Catalogue, Product } from '../../data/types.js';
import { productShelf, type ShelfCard } from '../../figures/cards/product-shelf.js';
import { escapeText } from '../../figures/page/escape.js';
import { reportPage, type Section } from '../../figures/page/page.js';
import { categorySunburst } from '../../figures/plots/category-sunburst.js';
import { countBars } from '../../figures/plots/count-bars.js';
import { decodeImage } from '../../pictures/image.js';
import { thumbnail } from '../../pictures/thumbnail.js';
import type { Inspection } from './inspect.js';
import { inspectionText } from './text.js';

/** Number of products shown with their image, evenly spread over the catalogue. */
const SHOWN = 24;

/** Render the result of `inspectData` as an HTML page: thumbnails, histograms, the category tree and all issues. */
export async function inspectionPage(catalogue: Catalogue, inspection: Inspection): Promise<string> {
  const { products } = catalogue;
  const step = Math.max(1, Math.floor(products.length / SHOWN));
  const shown = products.filter((_, at) => at % step === 0).slice(0, SHOWN);
  const sections: Section[] = [
    { heading: 'Products', html: productShelf(await Promise.all(shown.map(shelfCard)), products.length) },
    { heading: 'Categories', figure: categorySunburst(products.map(({ category }) => category)) },
    { heading: 'Attributes', figure: coverageBars(inspection) },
    { heading: 'Images', figure: imageBars(products) },
    { heading: 'In words', html: `<pre style="white-space: pre-wrap">${escapeText(inspectionText(inspection))}</pre>` },
  ];
  return reportPage(`${catalogue.adapter}: ${products.length} products`, sections);
}

async function shelfCard({ id, title, category, images: [main] }: Product): Promise<ShelfCard> {
  const side = { width: 96, height: 96, fit: 'contain' } as const;
  const label = title || id;
  if (!main) return { label, below: category.join(' > ') };
  try {
    return { label, below: category.join(' > '), thumbnail: await thumbnail(await decodeImage(main.source, side), 96) };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { label, below: error.reason };
  }
}

function coverageBars({ coverage, attributes, products }: Inspection) {
  const counts = Object.entries(coverage)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => ({ name, count, note: `${attributes[name]} values` }));
  return countBars(counts, {
    title: 'Products that have an attribute',
    quantity: 'products',
    total: products,
    unit: 'products',
  });
}

/** Bins of doubling width, so that 1 and 100 images fit in one chart: 0, 1, 2-3, 4-7 ... */
function imageBars(products: Product[]) {
  const binOf = (images: number) => (images === 0 ? 0 : 1 + Math.floor(Math.log2(images)));
  const bins = products.map(({ images }) => binOf(images.length));
  const counts = Array.from({ length: 1 + Math.max(0, ...bins) }, (_, bin) => {
    const [min, max] = bin === 0 ? [0, 0] : [2 ** (bin - 1), 2 ** bin - 1];
    return {
      name: min === max ? `${min}` : `${min}-${max}`,
      count: bins.filter((each) => each === bin).length,
    };
  });
  return countBars(counts, {
    title: 'Images a product',
    quantity: 'products',
    total: products.length,
    unit: 'products',
  });
}
