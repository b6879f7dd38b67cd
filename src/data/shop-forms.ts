import { accessories } from './shop-forms-accessories.js';
import { clothing } from './shop-forms-clothing.js';
import { home } from './shop-forms-home.js';
import { kitchen } from './shop-forms-kitchen.js';
import { shoes } from './shop-forms-shoes.js';
import type { Form, Part } from './shop-part.js';

const forms: Record<string, Form> = { ...clothing, ...shoes, ...accessories, ...kitchen, ...home };

/** The shape names of a leaf category. */
export function shapesOf(leaf: string): string[] {
  return Object.keys(forms[leaf]);
}

/** The parts of a leaf category's product in one of its shapes, back to front. */
export function partsOf(leaf: string, shape: string): Part[] {
  return forms[leaf][shape]();
}
