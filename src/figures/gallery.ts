import { escapeText } from './escape.js';
import { type ProductCard, productCard } from './product-card.js';

export interface GalleryResult extends ProductCard {
  /** Similarity to the query. */
  score: number;
  /** Whether this is the product that was wanted. */
  hit: boolean;
}

/** A query and its nearest products, nearest first. */
export interface GalleryRow {
  query: ProductCard;
  results: GalleryResult[];
  /** Where the wanted product stands, 1 for first; said where it is below the results shown. */
  rank?: number;
}

/** Queries with their top k as HTML: hits and misses by frame, colour and word. */
export function gallery(rows: GalleryRow[], title = 'Queries and their nearest products'): string {
  const hits = rows.filter((row) => row.results.some((result) => result.hit)).length;
  const depth = Math.max(0, ...rows.map((row) => row.results.length));
  return [
    `<div class="moon"><p><strong>${escapeText(title)}</strong><small>n = ${rows.length} queries; ${hits} find their product among the ${depth} nearest</small></p>`,
    ...rows.map((row) => queryRow(row)),
    '</div>',
  ].join('\n');
}

function queryRow({ query, results, rank }: GalleryRow): string {
  const below = rank !== undefined && !results.some((result) => result.hit);
  const asked = productCard(query, 'asked', below ? `query (product at rank ${rank})` : 'query');
  return `<figure class="query">${asked}${resultCards(results)}</figure>`;
}

/** Results side by side, nearest first. */
export function resultCards(results: GalleryResult[]): string {
  const cards = results.map((result, at) =>
    productCard(
      result,
      result.hit ? 'hit' : 'miss',
      `${at + 1}. ${result.hit ? '\u2713 hit' : '\u2717 miss'}, ${result.score.toFixed(3)}`,
    ),
  );
  return `<div class="results">${cards.join('')}</div>`;
}
