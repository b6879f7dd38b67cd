import { escapeText, imageUri } from '../page/escape.js';

/** A picture with a label. `box` is drawn over it, in fractions of the picture, origin top left. */
export interface ProductCard {
  label: string;
  /** A data URI: base64 of a png, jpeg, webp, gif or avif. */
  thumbnail?: string;
  box?: { x1: number; y1: number; x2: number; y2: number };
  /** Lines below the label. */
  below?: readonly string[];
}

/** A card as HTML. @param kind sets the frame: `asked` is a query, `found` a result that may be right or wrong @param head a line above the label */
export function productCard(
  { label, thumbnail, box, below = [] }: ProductCard,
  kind: 'asked' | 'hit' | 'miss' | 'found',
  head: string,
): string {
  const text = escapeText(label);
  const uri = imageUri(thumbnail, label);
  const picture = uri
    ? `<span class="picture"><img src="${uri}" alt="${text}">${box ? boxOver(box) : ''}</span>`
    : '<small>no picture</small>';
  return `<div class="card ${kind}"><div class="frame">${picture}</div><small>${escapeText(head)}</small><div class="title" title="${text}">${text}</div>${below.map((line) => `<small>${escapeText(line)}</small>`).join('')}</div>`;
}

function boxOver({ x1, y1, x2, y2 }: NonNullable<ProductCard['box']>): string {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;
  return `<span class="box" style="left:${percent(x1)};top:${percent(y1)};width:${percent(x2 - x1)};height:${percent(y2 - y1)}"></span>`;
}
