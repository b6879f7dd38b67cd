import { boolean, integer, oneOf, record, tagged, text } from '../../src/checks/schema.js';

/**
 * An option's interface and its schema cannot differ: the compiler refuses each of these. It is no test that runs; `tsc -p test` fails at a
 * line that it accepts.
 */
interface Shelf {
  wood: 'oak' | 'pine';
  boards?: number;
  height?: number;
}

type Light = { kind: 'lamp'; watts: number; dimmed?: boolean } | { kind: 'none' };

const [wood, boards] = [oneOf(['oak', 'pine'], { help: '' }), integer({ default: 3, help: '' })];
const height = integer({ leftOut: 'to the ceiling', help: '' });
const [watts, dimmed] = [integer({ help: '' }), boolean({ default: false, help: '' })];

export const agreed = [
  record<Shelf, 'height'>({ wood, boards, height }),
  tagged<Light>('', { lamp: { watts, dimmed }, none: {} }),
];

export const refused = [
  // @ts-expect-error a field too many
  tagged<Light>('', { lamp: { watts, dimmed, boards }, none: {} }),
  // @ts-expect-error a field less
  tagged<Light>('', { lamp: { watts }, none: {} }),
  // @ts-expect-error a kind too many
  tagged<Light>('', { lamp: { watts, dimmed }, none: {}, torch: {} }),
  // @ts-expect-error a kind less
  tagged<Light>('', { lamp: { watts, dimmed } }),
  // @ts-expect-error a choice too many
  record<Shelf, 'height'>({ wood: oneOf(['oak', 'pine', 'teak'], { help: '' }), boards, height }),
  // @ts-expect-error a choice less
  record<Shelf, 'height'>({ wood: oneOf(['oak'], { help: '' }), boards, height }),
  // @ts-expect-error another type
  record<Shelf, 'height'>({ wood, boards: text({ default: '', help: '' }), height }),
  // @ts-expect-error what may be left out has no default
  record<Shelf, 'height'>({ wood, boards: integer({ help: '' }), height }),
  // @ts-expect-error what must be given has a default
  record<Shelf, 'height'>({ wood: oneOf(['oak', 'pine'], { default: 'oak', help: '' }), boards, height }),
  // @ts-expect-error left out without a default, and not named
  record<Shelf>({ wood, boards, height }),
  // @ts-expect-error a default that is no choice
  oneOf(['oak', 'pine'], { default: 'teak', help: '' }),
  // @ts-expect-error a default of another type
  integer({ default: 'three', help: '' }),
];
