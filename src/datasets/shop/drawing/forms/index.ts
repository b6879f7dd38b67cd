import type { Form, Part } from '../part.js';
import { accessories } from './accessories.js';
import { clothing } from './clothing.js';
import { home } from './home.js';
import { kitchen } from './kitchen.js';
import { shoes } from './shoes.js';

const forms: Record<string, Form> = { ...clothing, ...shoes, ...accessories, ...kitchen, ...home };

/** The names of the shapes of a leaf category. */
export function shapesOf(leaf: string): string[] {
  return Object.keys(forms[leaf]);
}

/** The parts of a product of a leaf category in one shape, back to front. */
export function partsOf(leaf: string, shape: string): Part[] {
  return forms[leaf][shape]();
}
