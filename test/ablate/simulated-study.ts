import type { RandomStream } from '../../src/engine/random.js';

/** A study of a known effect: differences of every query, by seed, and the product of each query. */
export interface Simulated {
  bySeed: number[][];
  products: string[];
}

export interface Luck {
  effect: number;
  seeds: number;
  /** Standard deviations: of a product, of a query, of a seed on all queries alike, of what one seed answers to one query. */
  product: number;
  query: number;
  seed: number;
  answer: number;
}

/** 40 products with 1 to 5 queries each. */
export function simulateStudy(stream: RandomStream, { effect, seeds, product, query, seed, answer }: Luck): Simulated {
  const products = Array.from({ length: 40 }, (_, at) => Array.from({ length: 1 + (at % 5) }, () => `p${at}`)).flat();
  const ofProduct = new Map([...new Set(products)].map((id) => [id, product * stream.normal()]));
  const shared = products.map((id) => ofProduct.get(id)! + query * stream.normal());
  const bySeed = Array.from({ length: seeds }, () => {
    const luck = seed * stream.normal();
    return shared.map((each) => effect + each + luck + answer * stream.normal());
  });
  return { bySeed, products };
}
