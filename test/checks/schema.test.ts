import { describe, expect, test } from 'vitest';
import { fillIn } from '../../src/checks/fill-in.js';
import { optionsOf } from '../../src/checks/options-of.js';
import {
  boolean,
  type Filled,
  fraction,
  integer,
  list,
  number,
  oneOf,
  orElse,
  record,
  tagged,
  text,
} from '../../src/checks/schema.js';

interface Shelf {
  wood: 'oak' | 'pine';
  boards?: number;
  height?: number;
  size: readonly [number, number];
  labels?: readonly string[];
  light?: Light;
}

type Light = { kind: 'lamp'; watts: number; dimmed?: boolean } | { kind: 'candle'; count: number } | { kind: 'none' };

const light = tagged<Light>('what gives light', {
  lamp: {
    watts: number({ min: 1, max: 100, help: 'its power' }),
    dimmed: boolean({ default: false, help: 'whether it is turned down' }),
  },
  candle: { count: integer({ min: 1, help: 'candles' }) },
  none: {},
});
const wood = oneOf(['oak', 'pine'], { help: 'what it is made of' });
const others = {
  boards: integer({ min: 1, max: 9, default: 3, help: 'how many boards' }),
  height: number({ min: 0, leftOut: 'to the ceiling', help: 'how high it is' }),
  size: list(fraction({ help: 'a side' }), { length: 2, help: 'width and depth' }),
  labels: list(text({ help: 'a label' }), { default: ['books'], min: 1, help: 'what is written on it' }),
  light: orElse(light, { kind: 'none' }),
};
const shelf = record<Shelf, 'height'>({ wood, ...others });

const given: Shelf = { wood: 'oak', size: [0.5, 1], light: { kind: 'lamp', watts: 5 } };

describe('what is left out is filled in', () => {
  test('in a copy, to the bottom', () => {
    const before = JSON.stringify(given);
    const filled: Filled<Shelf, 'height'> = fillIn(shelf, given);
    expect(filled).toEqual({
      wood: 'oak',
      boards: 3,
      size: [0.5, 1],
      labels: ['books'],
      light: { kind: 'lamp', watts: 5, dimmed: false },
    });
    expect(JSON.stringify(given)).toBe(before);
    expect(fillIn(shelf, { wood: 'pine', size: [0, 0], height: 2 })).toMatchObject({
      height: 2,
      light: { kind: 'none' },
    });
  });
});

describe('what is wrong is told in one sentence', () => {
  test.each<[object, string]>([
    [{ wood: 'teak' }, 'shelf.wood: got "teak", expected one of oak | pine.'],
    [{ wood: undefined }, 'shelf.wood: got undefined, expected one of oak | pine.'],
    [{ boards: 0 }, 'shelf.boards: got 0, expected an integer from 1 to 9.'],
    [{ boards: 2.5 }, 'shelf.boards: got 2.5, expected an integer from 1 to 9.'],
    [{ boards: '2' }, 'shelf.boards: got "2", expected an integer from 1 to 9.'],
    [{ height: Number.NaN }, 'shelf.height: got NaN, expected a number of at least 0.'],
    [{ height: Number.POSITIVE_INFINITY }, 'shelf.height: got Infinity, expected a number of at least 0.'],
    [{ size: [1] }, 'shelf.size: got [1], expected a list of 2.'],
    [{ size: [1, 2] }, 'shelf.size[1]: got 2, expected a number from 0 to 1.'],
    [{ labels: [] }, 'shelf.labels: got [], expected a list of at least 1.'],
    [{ labels: ['a', ''] }, 'shelf.labels[1]: got "", expected a text.'],
    [{ light: { kind: 'lamp' } }, 'shelf.light.watts: is missing; this option has no default.'],
    [{ light: { kind: 'lamp', watts: 5, dimmed: 1 } }, 'shelf.light.dimmed: got 1, expected true or false.'],
    [{ light: { kind: 'torch' } }, 'shelf.light.kind: got "torch", expected one of lamp | candle | none.'],
    [{ light: {} }, 'shelf.light.kind: got undefined, expected one of lamp | candle | none.'],
    [{ light: 'lamp' }, 'shelf.light: got "lamp", expected a record with a kind, one of lamp | candle | none.'],
    [{ light: [] }, 'shelf.light: got [], expected a record with a kind, one of lamp | candle | none.'],
    [{ light: { kind: 'none', watts: 5 } }, 'shelf.light.watts: is unknown (known here: kind); did you mean kind?'],
    [
      { bords: 5, wood: 'teak' },
      'shelf.bords: is unknown (known here: wood, boards, height, size, labels, light); did you mean boards?',
    ],
    [JSON.parse('{ "constructor": 1 }'), 'shelf.constructor: is unknown'],
  ])('%j', (change, message) => {
    expect(() => fillIn(shelf, { ...given, ...change }, 'shelf')).toThrow(message);
  });

  test('also where the whole is no record', () => {
    expect(() => fillIn(shelf, [], 'shelf')).toThrow(
      'shelf: got [], expected a record of wood, boards, height, size, labels, light.',
    );
    expect(() => fillIn(shelf, undefined)).toThrow('config: got undefined, expected a record of wood');
  });

  test('a former name tells the one of now, where there is one of it', () => {
    const formerNames = { 'shelf.light.power': 'watts', 'shelf.planks': 'boards' };
    const refused = (change: object) => expect(() => fillIn(shelf, { ...given, ...change }, 'shelf', formerNames));
    refused({ planks: 3 }).toThrow('shelf.planks: is now called boards, how many boards.');
    refused({ light: { kind: 'lamp', power: 5 } }).toThrow('shelf.light.power: is now called watts, its power.');
    refused({ light: { kind: 'none', power: 5 } }).toThrow('shelf.light.power: is unknown (known here: kind)');
  });
});

test('all options are listed with what they accept', () => {
  expect(optionsOf(shelf, 'shelf')).toEqual([
    { path: 'shelf.wood', when: {}, help: 'what it is made of', accepts: 'oak | pine' },
    { path: 'shelf.boards', when: {}, help: 'how many boards', accepts: 'integer from 1 to 9', default: 3 },
    { path: 'shelf.height', when: {}, help: 'how high it is', accepts: 'number at least 0', leftOut: 'to the ceiling' },
    { path: 'shelf.size', when: {}, help: 'width and depth', accepts: 'list of 2: number from 0 to 1' },
    { path: 'shelf.labels', when: {}, help: 'what is written on it', accepts: 'list: text', default: ['books'] },
    { path: 'shelf.light.kind', when: {}, help: 'what gives light', accepts: 'lamp | candle | none', default: 'none' },
    {
      path: 'shelf.light.watts',
      when: { 'shelf.light': ['lamp'] },
      help: 'its power',
      accepts: 'number from 1 to 100',
    },
    {
      path: 'shelf.light.dimmed',
      when: { 'shelf.light': ['lamp'] },
      help: 'whether it is turned down',
      accepts: 'true | false',
      default: false,
    },
    { path: 'shelf.light.count', when: { 'shelf.light': ['candle'] }, help: 'candles', accepts: 'integer at least 1' },
  ]);
});
