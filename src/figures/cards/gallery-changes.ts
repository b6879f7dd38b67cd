import { escapeText } from '../page/escape.js';
import { type GalleryResult, rankText, resultCards } from './gallery.js';
import { type ProductCard, productCard } from './product-card.js';

/** One query under two models. */
export interface ChangedRow {
  query: ProductCard;
  /** Rank of the right product, from 1, and the nearest products, nearest first. */
  before: { rank: number; results: GalleryResult[] };
  after: { rank: number; results: GalleryResult[] };
}

export interface ChangesOptions {
  title?: string;
  /** Names of the two models. */
  names: [before: string, after: string];
  /** How many queries are shown: half of them the largest gains, half the largest losses. Default 10. */
  max?: number;
}

/** Compare the results of two models, as HTML: how many queries gained or lost, and the largest changes in both directions. */
export function galleryChanges(rows: ChangedRow[], options: ChangesOptions): string {
  const { title = 'What changed', names, max = 10 } = options;
  const gain = ({ before, after }: ChangedRow) => 1 / after.rank - 1 / before.rank;
  const gained = rows.filter((row) => gain(row) > 0).sort((a, b) => gain(b) - gain(a));
  const lost = rows.filter((row) => gain(row) < 0).sort((a, b) => gain(a) - gain(b));
  const shown = [...gained.slice(0, Math.ceil(max / 2)), ...lost.slice(0, Math.floor(max / 2))];
  return [
    `<div class="moon"><p><strong>${escapeText(title)}: ${escapeText(names[0])}, then ${escapeText(names[1])}</strong><small>n = ${rows.length} queries; ${gained.length} rank their product higher, ${lost.length} lower, ${rows.length - gained.length - lost.length} the same; shown: the ${shown.length} largest changes of 1 / rank</small></p>`,
    ...shown.map((row) => changedRow(row, names)),
    '</div>',
  ].join('\n');
}

function changedRow({ query, before, after }: ChangedRow, names: [string, string]): string {
  const better = after.rank < before.rank;
  const head = `${better ? '\u25b2' : '\u25bc'} rank ${rankText(before.rank)} \u2192 ${rankText(after.rank)}`;
  const shelf = (name: string, results: GalleryResult[]) =>
    `<div><small>${escapeText(name)}</small>${resultCards(results)}</div>`;
  return `<figure class="query">${productCard(query, better ? 'hit' : 'miss', head)}<div class="pair">${shelf(names[0], before.results)}${shelf(names[1], after.results)}</div></figure>`;
}
