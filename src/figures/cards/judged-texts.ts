import { escapeText } from '../page/escape.js';
import { type ProductCard, productCard } from './product-card.js';

/** A product and what several sources write about it. */
export interface JudgedProduct {
  product: ProductCard;
  texts: readonly {
    source: string;
    /** Pieces of the text; those that state something are true or not. */
    parts: readonly { text: string; isTrue?: boolean }[];
  }[];
}

/** Products with texts in which what is true and what is false is marked, as HTML. */
export function judgedTexts(products: readonly JudgedProduct[], title = 'What was written'): string {
  const sources = new Set(products.flatMap(({ texts }) => texts.map(({ source }) => source))).size;
  return [
    `<div class="moon"><p><strong>${escapeText(title)}</strong><small>n = ${products.length} products, ${sources} sources; ✓ true, ✗ false</small></p>`,
    ...products.map(
      ({ product, texts }) =>
        `<figure class="query">${productCard(product, 'asked', 'product')}<table>${texts.map(textRow).join('')}</table></figure>`,
    ),
    '</div>',
  ].join('\n');
}

const textRow = ({ source, parts }: JudgedProduct['texts'][number]) =>
  `<tr><th>${escapeText(source)}</th><td class="judged">${parts.map(partOf).join('') || '<small>nothing</small>'}</td></tr>`;

function partOf({ text, isTrue }: JudgedProduct['texts'][number]['parts'][number]): string {
  if (isTrue === undefined) return escapeText(text);
  return `<mark class="${isTrue ? 'hit' : 'miss'}">${isTrue ? '✓' : '✗'} ${escapeText(text)}</mark>`;
}
