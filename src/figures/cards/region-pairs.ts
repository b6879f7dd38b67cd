import { escapeText } from '../page/escape.js';
import { type ProductCard, productCard } from './product-card.js';

/** A picture with the box of its core region, and the crop of that box. */
export interface RegionPair {
  whole: ProductCard;
  /** A data URI. */
  crop?: string;
}

/** What the network sees of each product, as HTML: the whole image with its core region, next to the crop. */
export function regionPairs(pairs: readonly RegionPair[], title = 'Whole image and core region'): string {
  const one = ({ whole, crop }: RegionPair) =>
    `<figure class="twins">${productCard(whole, 'asked', 'whole image')}${productCard({ label: '', thumbnail: crop }, 'asked', 'core region')}</figure>`;
  return [
    `<div class="moon"><p><strong>${escapeText(title)}</strong></p><div class="results">`,
    ...pairs.map(one),
    '</div></div>',
  ].join('\n');
}
