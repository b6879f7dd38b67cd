import type { Catalogue, Product } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { preparePixels } from '../encoder/prepare.js';
import { longCall } from '../engine/long-call.js';
import { type CompletedField, textOfField, withField } from './field.js';
import type { Filled, Filler } from './filler.js';

/** A product whose text was missing, and what was done about it. */
export interface CompletedProduct {
  /** With the text, or unchanged where there is none. */
  product: Product;
  filled: Filled;
}

export interface CompleteOptions {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Products whose pictures are read together. */
const TOGETHER = 512;

/**
 * Fill the missing texts of a catalogue. Products that have the text are not touched.
 * @returns those that lacked it, in the order of the catalogue
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue('data/grocery');
 * const encoder = moon.loadBest('runs/mine');
 * const filled = await moon.complete.completeCatalogue(encoder, catalogue, 'title', moon.complete.decoder(encoder));
 * ```
 */
export function completeCatalogue(
  encoder: Encoder,
  catalogue: Catalogue,
  field: CompletedField,
  filler: Filler,
  { onProgress, signal }: CompleteOptions = {},
): Promise<CompletedProduct[]> {
  const missing = catalogue.products.filter((product) => !textOfField(product, field));
  const completed: CompletedProduct[] = [];
  return longCall(signal, async (call) => {
    for (let start = 0; start < missing.length; start += TOGETHER) {
      call.signal.throwIfAborted();
      const products = missing.slice(start, start + TOGETHER);
      const pixels = await preparePixels(
        encoder.config,
        { ...catalogue, products, pairs: [] },
        { signal: call.signal },
      );
      const filled = await filler({ products, field, pixels, signal: call.signal });
      for (const [at, product] of products.entries()) {
        const own = filled[at];
        completed.push({ product: 'none' in own ? product : withField(product, field, own.text), filled: own });
      }
      call.show({ label: `${field} filled`, done: completed.length, total: missing.length });
      onProgress?.(completed.length, missing.length);
    }
    return completed;
  });
}
