import { escapeText } from '../page/escape.js';
import { type ProductCard, productCard } from './product-card.js';

export interface GalleryResult extends ProductCard {
  /** Similarity to the query. */
  score: number;
  /** Whether this is the right product; absent where that is not known. */
  hit?: boolean;
}

/** A query and its nearest products, nearest first. */
export interface GalleryRow {
  query: ProductCard;
  results: GalleryResult[];
  /** Rank of the right product, from 1; ties may give halves. Printed if it is below the results shown. */
  rank?: number;
}

/** Queries with their top k results, as HTML. Hits and misses differ in frame, colour and wording. */
export function gallery(rows: GalleryRow[], title = 'Queries and their nearest products'): string {
  return [
    `<div class="moon"><p><strong>${escapeText(title)}</strong><small>${escapeText(countLine(rows))}</small></p>`,
    ...rows.map((row) => queryRow(row)),
    '</div>',
  ].join('\n');
}

/** How many queries there are, and how many of them have a hit, if there are results. */
function countLine(rows: GalleryRow[]): string {
  const depth = rows.reduce((max, { results }) => Math.max(max, results.length), 0);
  const hits = rows.filter((row) => row.results.some((result) => result.hit)).length;
  const isKnown = rows.some((row) => row.results.some((result) => result.hit !== undefined));
  const found = isKnown ? `; ${hits} find their product among the ${depth} nearest` : `; the ${depth} nearest`;
  return `n = ${rows.length} ${rows.length === 1 ? 'query' : 'queries'}${depth ? found : ''}`;
}

/** A rank with ties is the mean of the possible ranks, so it may be fractional. */
export function rankText(rank: number): string {
  return `${Number(rank.toFixed(1))}`;
}

function queryRow({ query, results, rank }: GalleryRow): string {
  const below = rank !== undefined && !results.some((result) => result.hit);
  const asked = productCard(query, 'asked', below ? `query (product at rank ${rankText(rank)})` : 'query');
  return `<figure class="query">${asked}${resultCards(results)}</figure>`;
}

const words = { hit: '\u2713 hit, ', miss: '\u2717 miss, ', found: '' };

/** Results side by side, nearest first. */
export function resultCards(results: GalleryResult[]): string {
  const cards = results.map((result, at) => {
    const kind = result.hit === undefined ? 'found' : result.hit ? 'hit' : 'miss';
    return productCard(result, kind, `${at + 1}. ${words[kind]}${result.score.toFixed(3)}`);
  });
  return `<div class="results">${cards.join('')}</div>`;
}
