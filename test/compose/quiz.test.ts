import { describe, expect, test } from 'vitest';
import { edgeMap } from '../../src/compose/edge-map.js';
import { factsOf, sharedQuizzes } from '../../src/compose/quiz.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { randomStream } from '../../src/engine/random.js';

const facts = ['category', 'colour', 'accent', 'pattern', 'material', 'size'];
const shownBySecond = ['category', 'pattern', 'size'];
const shop = generateShop({ products: 1500, evaluationQueries: 1, trainQueries: 1, imageSize: 16 });
const products = shop.products.map(factsOf);
const draw = (count: number, seed = 1) =>
  sharedQuizzes(products, { facts, shownBySecond, count, stream: randomStream(seed, 'quiz') });
const quizzes = draw(2000);

/** The fact that a value belongs to: values of different facts differ in the generated shop. */
const factOf = new Map(facts.flatMap((name) => products.map((own) => [own[name], name] as const)));

describe('a question about three products', () => {
  test('has one value that all three share, and three that two share', () => {
    for (const { products: three, shared, choices } of quizzes) {
      const having = (value: string) => three.filter((at) => products[at][factOf.get(value)!] === value).length;
      expect(choices).toHaveLength(4);
      expect(choices.filter((value) => having(value) === 3)).toEqual([shared]);
      expect(choices.filter((value) => having(value) === 2)).toHaveLength(3);
      const sharedFacts = facts.filter((name) => new Set(three.map((at) => products[at][name])).size === 1);
      expect(sharedFacts).toEqual([factOf.get(shared)]);
    }
  });

  test('can be answered without colours of the second product', () => {
    for (const { products: three, choices } of quizzes) {
      const [first, second, third] = three.map((at) => products[at]);
      const notSecond = choices.find((value) => {
        const name = factOf.get(value)!;
        return first[name] === value && third[name] === value && second[name] !== value;
      })!;
      expect(shownBySecond).toContain(factOf.get(notSecond));
    }
  });

  test('does not give its answer away by the facts that it offers, nor by their order', () => {
    const asked = new Map<string, { offered: number; right: number }>();
    const place = [0, 0, 0, 0];
    for (const { shared, choices } of quizzes) {
      place[choices.indexOf(shared)]++;
      for (const value of choices) {
        const own = asked.get(factOf.get(value)!) ?? { offered: 0, right: 0 };
        own.offered++;
        own.right += Number(value === shared);
        asked.set(factOf.get(value)!, own);
      }
    }
    // Four standard deviations of a coin of 1/4.
    for (const { offered, right } of asked.values())
      expect(Math.abs(right / offered - 0.25)).toBeLessThan(3 * Math.sqrt(0.1875 / offered) + 0.03);
    for (const count of place) expect(Math.abs(count / 2000 - 0.25)).toBeLessThan(4 * Math.sqrt(0.1875 / 2000));
  });

  test('repeats by its stream', () => {
    expect(draw(20)).toEqual(quizzes.slice(0, 20));
    expect(draw(20, 2)).not.toEqual(quizzes.slice(0, 20));
  });

  test('is refused where products cannot give it', () => {
    const options = { facts, shownBySecond, count: 1, stream: randomStream(1, 'few') };
    expect(() => sharedQuizzes(products.slice(0, 2), options)).toThrow(
      'quiz: among 2 products with all facts, too few',
    );
    expect(() => sharedQuizzes([], options)).toThrow('quiz: among 0 products');
    expect(() => sharedQuizzes(products, { ...options, facts: ['size', 'colour'] })).toThrow('at least four facts');
    expect(() => sharedQuizzes(products, { ...options, shownBySecond: ['size'] })).toThrow('at least two of the facts');
  });
});

test('an edge map draws outlines and no colours', () => {
  const side = 8;
  const data = new Uint8Array(side * side * 3);
  for (let at = 0; at < side * side; at++) data.set(at % side < 4 ? [200, 0, 0] : [0, 0, 200], 3 * at);
  const { data: drawn } = edgeMap({ width: side, height: side, data });
  const grey = Array.from({ length: side * side }, (_, at) => [...drawn.slice(3 * at, 3 * at + 3)]);
  for (const [red, green, blue] of grey) expect([green, blue]).toEqual([red, red]);
  // Dark on both sides of the border between the halves, white elsewhere.
  expect(grey.slice(0, side).map(([value]) => value)).toEqual([255, 255, 255, 0, 0, 255, 255, 255]);
  const plain = edgeMap({ width: 2, height: 2, data: new Uint8Array(12).fill(90) });
  expect([...plain.data]).toEqual(Array(12).fill(255));
});
