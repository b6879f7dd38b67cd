import { escapeText, imageUri } from './escape.js';

/** One picture with its text; `box` is in fractions of the picture, origin top left. */
export interface GalleryCard {
  label: string;
  /** A data URI (png, jpeg, webp, gif or avif in base64). */
  thumbnail?: string;
  box?: { x1: number; y1: number; x2: number; y2: number };
}

export interface GalleryResult extends GalleryCard {
  /** Similarity to the query. */
  score: number;
  /** Whether this is the product that was wanted. */
  hit: boolean;
}

/** A query and its nearest products, nearest first. */
export interface GalleryRow {
  query: GalleryCard;
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
  const cards = results.map((result, at) => {
    const sign = result.hit ? 'hit' : 'miss';
    return card(result, sign, `${at + 1}. ${result.hit ? '\u2713 hit' : '\u2717 miss'}, ${result.score.toFixed(3)}`);
  });
  const asked = card(query, 'asked', below ? `query (product at rank ${rank})` : 'query');
  return `<figure class="query">${asked}<div class="results">${cards.join('')}</div></figure>`;
}

function card({ label, thumbnail, box }: GalleryCard, kind: string, head: string): string {
  const text = escapeText(label);
  const uri = imageUri(thumbnail, label);
  const picture = uri
    ? `<span class="picture"><img src="${uri}" alt="${text}">${box ? boxOver(box) : ''}</span>`
    : '<small>no picture</small>';
  return `<div class="card ${kind}"><div class="frame">${picture}</div><small>${escapeText(head)}</small><div class="title" title="${text}">${text}</div></div>`;
}

function boxOver({ x1, y1, x2, y2 }: NonNullable<GalleryCard['box']>): string {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;
  return `<span class="box" style="left:${percent(x1)};top:${percent(y1)};width:${percent(x2 - x1)};height:${percent(y2 - y1)}"></span>`;
}
