import { groupBy } from '../../data/group-by.js';
import { escapeText } from '../page/escape.js';
import { type ProductCard, productCard } from './product-card.js';

/** A query, its positive, and a negative that is similar to the query. */
export interface HardNegative {
  /** Source of the negative: hard, in-batch, spatial, temporal ... */
  source: string;
  query: ProductCard;
  positive: ProductCard & { similarity: number };
  negative: ProductCard & { similarity: number };
  /** Why it may be a false negative: the same title, the same attributes. */
  doubt?: string;
}

/** Hard negatives as HTML, hardest first: sorted by the similarity of the negative minus that of the positive. */
export function hardNegatives(pairs: HardNegative[], title = 'Hard negatives'): string {
  const margin = ({ positive, negative }: HardNegative) => negative.similarity - positive.similarity;
  const sources = [...groupBy(pairs, ({ source }) => source)].map(([source, own]) => `${own.length} ${source}`);
  const nearer = pairs.filter((pair) => margin(pair) >= 0).length;
  const doubtful = pairs.filter(({ doubt }) => doubt).length;
  return [
    `<div class="moon"><p><strong>${escapeText(title)}</strong><small>n = ${pairs.length} pairs (${escapeText(sources.join(', '))}); in ${nearer} the negative is at least as near as the positive; ${doubtful} may be false negatives</small></p>`,
    ...pairs.toSorted((a, b) => margin(b) - margin(a)).map(pairRow),
    '</div>',
  ].join('\n');
}

function pairRow({ source, query, positive, negative, doubt }: HardNegative): string {
  const above = negative.similarity - positive.similarity;
  const cards = [
    productCard(query, 'asked', 'query'),
    productCard(positive, 'hit', `\u2713 bought, ${positive.similarity.toFixed(3)}`),
    productCard(negative, 'miss', `\u2717 ${source}, ${negative.similarity.toFixed(3)}`),
  ];
  const note = `${Math.abs(above).toFixed(3)} ${above < 0 ? 'below' : 'above'} the positive${doubt ? `; maybe a false negative: ${doubt}` : ''}`;
  return `<figure class="query"><div><div class="results">${cards.join('')}</div><small>${escapeText(note)}</small></div></figure>`;
}
