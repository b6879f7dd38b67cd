import { escapeText, imageUri } from '../page/escape.js';

/** A product as it is shown: its picture, its name and a line below. */
export interface ShelfCard {
  label: string;
  below?: string;
  /** A data URI (png, jpeg, webp, gif or avif in base64). */
  thumbnail?: string;
}

/** Products side by side as HTML; `total` says of how many they are a part, `what` of what, and how they were chosen. */
export function productShelf(cards: ShelfCard[], total: number, what = 'products, evenly spread'): string {
  const one = ({ label, below = '', thumbnail }: ShelfCard) => {
    const [text, small] = [escapeText(label), escapeText(below)];
    const uri = imageUri(thumbnail, label);
    const picture = uri ? `<img src="${uri}" alt="${text}">` : '<small>no picture</small>';
    return `<div class="card"><div class="frame">${picture}</div><div class="title" title="${text}">${text}</div><small title="${small}">${small}</small></div>`;
  };
  return `<div class="moon"><p><small>${cards.length} of ${total} ${escapeText(what)}</small></p><div class="results">${cards.map(one).join('')}</div></div>`;
}
