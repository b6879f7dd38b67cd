import type { Solid } from './distance.js';

/**
 * How a part of a product is painted. `body` shows colour, pattern (in the accent colour) and material; `trim` shows accent and material;
 * `lining` is a darker body without pattern; the others have a fixed colour.
 */
export type Paint = 'body' | 'trim' | 'lining' | 'dark' | 'pale' | 'silver';

export interface Part {
  paint: Paint;
  solid: Solid;
}

/** Shape name -> the parts of the product in that shape, back to front. Every shape has a body and a trim. */
export type Form = Record<string, () => Part[]>;

export function body(solid: Solid): Part {
  return { paint: 'body', solid };
}

export function trim(solid: Solid): Part {
  return { paint: 'trim', solid };
}

export function lining(solid: Solid): Part {
  return { paint: 'lining', solid };
}

export function dark(solid: Solid): Part {
  return { paint: 'dark', solid };
}

export function pale(solid: Solid): Part {
  return { paint: 'pale', solid };
}

export function silver(solid: Solid): Part {
  return { paint: 'silver', solid };
}
