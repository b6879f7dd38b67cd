import { escapeText, imageUri } from '../page/escape.js';

/** A product: its picture, its name and a line of text below. */
export interface ShelfCard {
  label: string;
  below?: string;
  /** A data URI: base64 of a png, jpeg, webp, gif or avif. */
  thumbnail?: string;
}

/**
 * Products side by side, as HTML.
 * @param total how many there are in all
 * @param what what they are, and how those shown were chosen
 */
export function productShelf(cards: ShelfCard[], total: number, what = 'products, evenly spread'): string {
  const one = ({ label, below = '', thumbnail }: ShelfCard) => {
    const [text, small] = [escapeText(label), escapeText(below)];
    const uri = imageUri(thumbnail, label);
    const picture = uri ? `<img src="${uri}" alt="${text}">` : '<small>no picture</small>';
    return `<div class="card"><div class="frame">${picture}</div><div class="title" title="${text}">${text}</div><small title="${small}">${small}</small></div>`;
  };
  return `<div class="moon"><p><small>${cards.length} of ${total} ${escapeText(what)}</small></p><div class="results">${cards.map(one).join('')}</div></div>`;
}
