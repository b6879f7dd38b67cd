import { groupBy } from '../../data/group-by.js';
import { escapeText } from '../page/escape.js';
import { type ProductCard, productCard } from './product-card.js';

/** A query, what was bought, and a negative that looks like it. */
export interface HardNegative {
  /** Where the negative came from: hard, in-batch, spatial, temporal ... */
  source: string;
  query: ProductCard;
  positive: ProductCard & { similarity: number };
  negative: ProductCard & { similarity: number };
  /** Why it may be no negative at all: the same title, the same attributes. */
  doubt?: string;
}

/** Hard negatives as HTML, hardest first: by how much nearer to the query they are than what was bought. Each with its doubt. */
export function hardNegatives(pairs: HardNegative[], title = 'Hard negatives'): string {
  const margin = ({ positive, negative }: HardNegative) => negative.similarity - positive.similarity;
  const sources = [...groupBy(pairs, ({ source }) => source)].map(([source, own]) => `${own.length} ${source}`);
  const nearer = pairs.filter((pair) => margin(pair) >= 0).length;
  const doubtful = pairs.filter(({ doubt }) => doubt).length;
  return [
    `<div class="moon"><p><strong>${escapeText(title)}</strong><small>n = ${pairs.length} pairs (${escapeText(sources.join(', '))}); in ${nearer} the negative is at least as near as the positive; ${doubtful} are doubtful</small></p>`,
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
  const said = `${Math.abs(above).toFixed(3)} ${above < 0 ? 'below' : 'above'} the positive${doubt ? `; in doubt: ${doubt}` : ''}`;
  return `<figure class="query"><div><div class="results">${cards.join('')}</div><small>${escapeText(said)}</small></div></figure>`;
}
