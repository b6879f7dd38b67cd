import { expect, test } from 'vitest';
import { evaluationText } from '../../src/evaluate/summary/evaluation-text.js';
import * as moon from '../../src/index.js';

/**
 * A kind of task that src knows nothing of, in this one file: sets of labels. A photo has several right labels, and the average precision
 * (Manning et al. 2008, section 8.4) counts the place of every one. Of labels that tie each order is as likely (McSherry and Najork 2008).
 */
const multiLabel: moon.tasks.TaskKind = {
  name: 'label-sets',
  statistics(answers, golds) {
    const precisions = answers.map(averagePrecision);
    const all = answers.map(
      ({ places = [] }, query) => places.filter(({ before }) => before < golds[query].length).length,
    );
    return {
      mAP: (weights) =>
        sum(precisions, weights) /
        sum(
          precisions.map(() => 1),
          weights,
        ),
      'found among as many': (weights) =>
        sum(all, weights) /
        sum(
          all.map(() => 1),
          weights,
        ),
    };
  },
  primary: 'mAP',
  perQuery: { mAP: averagePrecision },
  counted: ['found among as many'],
  reads: 'places',
  controls: {
    // A control of its own: the labels in alphabetical order, whatever is asked.
    alphabet: ({ asks, items }) => {
      const order = items.map(({ id }) => id).sort();
      const top = order.slice(0, 10).map((id) => ({ id, similarity: 1 }));
      return asks.map(({ id, gold }) => {
        const places = gold.map((label) => ({ before: order.indexOf(label), tied: 0 }));
        const before = Math.min(...places.map((place) => place.before));
        return { query: id, gold: gold[0], before, tied: 0, relevant: 1, similarity: 1, top, best: [order[0]], places };
      });
    },
  },
};

type Places = { places?: { before: number; tied: number }[] };

/** Expected precision at the place of each relevant label, the mean over them. */
function averagePrecision({ places = [] }: Places): number {
  const precisions = places.map(({ before, tied }) => {
    const ahead = places.filter((other) => other.before < before).length;
    const equals = places.filter((other) => other.before === before).length - 1;
    let expected = 0;
    for (let at = 0; at <= tied; at++)
      expected += (ahead + 1 + (tied ? (equals * at) / tied : 0)) / (before + at + 1) / (tied + 1);
    return expected;
  });
  return precisions.reduce((total, each) => total + each, 0) / places.length;
}

const sum = (values: readonly number[], weights: Float64Array) =>
  values.reduce((total, value, at) => total + value * weights[at], 0);

/** The slow obvious value: over every order that keeps what is nearer before what is farther. */
function slowPrecision(relevant: readonly boolean[], similarities: readonly number[]): number {
  const orders = permutations(relevant.map((_, at) => at)).filter((order) =>
    order.every((item, at) => at === 0 || similarities[order[at - 1]] >= similarities[item]),
  );
  const precision = (order: readonly number[]) => {
    const hits = order.flatMap((item, at) => (relevant[item] ? [at] : []));
    return hits.reduce((total, place, at) => total + (at + 1) / (place + 1), 0) / hits.length;
  };
  return orders.reduce((total, order) => total + precision(order), 0) / orders.length;
}

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

const shop = moon.generateShop({ products: 30, trainQueries: 40, evaluationQueries: 12, imageSize: 32, views: 1 });

/** Which words does a product's photo show: its values of all attributes. */
const words: moon.tasks.Protocol = ({ catalogue, split }) => {
  const wordsOf = ({ attributes }: moon.Product) => [...new Set(Object.values(attributes).flat())];
  const labels = [...new Set(catalogue.products.flatMap(wordsOf))];
  const asks = catalogue.pairs.flatMap(({ query, product: id, split: own }) => {
    const product = catalogue.products.find((each) => each.id === id)!;
    return own === split && query.image && !query.text
      ? [
          {
            id: query.id,
            input: { kind: 'query', query } as const,
            gold: wordsOf(product),
            product: id,
            slices: { top: product.category[0] },
          },
        ]
      : [];
  });
  const items = labels.map((label) => ({
    id: label,
    input: { kind: 'query', query: { id: label, text: label } } as const,
  }));
  return [{ name: 'words', kind: 'label-sets', query: 'image', gallery: `${labels.length} words`, asks, items }];
};

test('the metric of the test is the mean over every order', () => {
  for (const similarities of [
    [3, 2, 2, 1],
    [1, 1, 1, 1],
    [2, 2, 1, 1],
    [4, 3, 2, 1],
  ])
    for (const relevant of [
      [true, false, true, false],
      [false, true, true, true],
      [false, false, false, true],
    ]) {
      const places = similarities.flatMap((own, at) =>
        relevant[at]
          ? [
              {
                before: similarities.filter((each) => each > own).length,
                tied: similarities.filter((each) => each === own).length - 1,
              },
            ]
          : [],
      );
      expect(averagePrecision({ places })).toBeCloseTo(slowPrecision(relevant, similarities), 12);
    }
});

test('a kind and a task of it are measured as those that were there before', async () => {
  const network: moon.MoonConfig['network'] = { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } };
  const { encoder, pixels } = await moon.prepare({ ...moon.grocery, network, imageSize: 32 }, shop);
  const evaluate = (tasks: moon.evaluate.EvaluateOptions['tasks']) =>
    moon.evaluateTasks(encoder, shop, pixels, { split: 'val', tasks, rows: true, draws: 50 });
  await expect(evaluate(words)).rejects.toThrow("kind: got 'label-sets', expected one of retrieval | classification");
  moon.tasks.addTaskKind(multiLabel);
  expect(() => moon.tasks.addTaskKind(multiLabel)).toThrow("kind: got 'label-sets', which already exists");

  const { result: evaluation, leaked } = await moon.engine.countLeaks(() => evaluate(words));
  expect(leaked).toBe(0);
  const [task] = evaluation.tasks;
  expect(task).toMatchObject({ name: 'words', kind: 'label-sets' });
  expect(Object.keys(task.metrics)).toEqual(['mAP', 'found among as many']);

  // Chance by its closed form: of N labels R are right in any order (Bestgen 2015).
  const harmonic = Array.from({ length: task.items }, (_, at) => 1 / (at + 1)).reduce((total, each) => total + each, 0);
  const chances = task.rows!.map(({ gold }) => {
    const [n, r] = [task.items, gold.length];
    return (((r - 1) / (n - 1)) * (n - harmonic) + harmonic) / n;
  });
  expect(task.chance.mAP).toBeCloseTo(chances.reduce((total, each) => total + each, 0) / chances.length, 10);

  // Every row by the definition, from the cosines of all labels.
  const rows = task.rows!;
  expect(rows.length).toBe(task.n);
  for (const { gold, places, before } of rows) {
    expect(places).toHaveLength(gold.length);
    expect(Math.min(...places!.map((place) => place.before))).toBe(before);
  }
  const values = rows.map(averagePrecision);
  expect(task.metrics.mAP.value).toBeCloseTo(values.reduce((total, each) => total + each, 0) / values.length, 12);
  expect(task.metrics.mAP.low).toBeLessThanOrEqual(task.metrics.mAP.value);
  expect(Object.keys(task.slices)).toEqual(['top']);
  expect(task.controls.untrained).toEqual(task.metrics);
  expect(task.controls.alphabet!.mAP.value).toBeGreaterThan(0);
  expect(task.reasons.bm25).toBe('not for label-sets');

  // Its table is one of percents; what its kind counts stands below.
  const text = evaluationText(evaluation);
  expect(text).toMatch(/label-sets on shop, split val, seeds 1/);
  expect(text).toMatch(/\n +n +mAP %/);
  expect(text).toMatch(/words: image -> \d+ words \(.*found among as many \d\.\d \[/);

  // What is there for all kinds is there for this one: folds, and the others do not have its control.
  expect(moon.evaluate.joinFolds([evaluation, evaluation]).tasks[0].metrics.mAP.value).toBeCloseTo(
    task.metrics.mAP.value,
    12,
  );
  const { tasks } = await evaluate(['retrieval.image']);
  expect(tasks[0].controls.alphabet).toBeNull();
  expect(tasks[0].reasons).toMatchObject({ alphabet: 'not for retrieval', majority: 'not for retrieval' });
});

test('a task of its own that cannot be measured is refused', async () => {
  const { encoder, pixels } = await moon.prepare(
    { ...moon.grocery, network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } }, imageSize: 32 },
    shop,
  );
  const changed = (change: (task: moon.tasks.Task) => Partial<moon.tasks.Task>) =>
    moon.evaluateTasks(encoder, shop, pixels, {
      split: 'val',
      tasks: (source) => words(source).map((task) => ({ ...task, kind: 'retrieval', ...change(task) })),
    });
  await expect(changed(() => ({ asks: [] }))).rejects.toThrow('words: the task has no query');
  await expect(changed(({ items }) => ({ items: items.slice(0, 1) }))).rejects.toThrow(
    'words: got 1 distinct items, expected at least 2',
  );
  await expect(changed(({ items }) => ({ items: items.slice(0, 2) }))).rejects.toThrow(
    /the correct item .* is not among the items/,
  );
  await expect(changed(({ asks }) => ({ asks: asks.map((ask) => ({ ...ask, gold: [] })) }))).rejects.toThrow(
    /the query .* has no correct item/,
  );
});
