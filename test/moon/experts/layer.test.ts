import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { addExperts } from '../../../src/moon/experts/add-experts.js';
import { dispatch } from '../../../src/moon/experts/dispatch.js';
import { expertLayer } from '../../../src/moon/experts/layer.js';
import { moveRows } from '../../../src/moon/experts/move-rows.js';
import type { ExpertsOption } from '../../../src/moon/experts/option.js';

const [sequences, length, width, hidden] = [3, 8, 6, 10];
const rows = sequences * length;

function random(shape: number[], name: string): tf.Tensor {
  const stream = randomStream(5, name);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
    shape,
  );
}

/** A dense layer of block 0 and a batch: the last two tokens of every sequence are category and attribute, row 5 is padding. */
function denseWeights() {
  return {
    'model.layers.0.mlp.gate_proj.weight': random([hidden, width], 'gate'),
    'model.layers.0.mlp.up_proj.weight': random([hidden, width], 'up'),
    'model.layers.0.mlp.down_proj.weight': random([width, hidden], 'down'),
  } as Record<string, tf.Tensor>;
}

function batchOf() {
  const category = [6, 14, 22];
  const attribute = [7, 15, 23];
  const ordinary = Array.from({ length: rows }, (_, row) => row).filter(
    (row) => row !== 5 && !category.includes(row) && !attribute.includes(row),
  );
  const groups = [20, 4, 4];
  const pad = (list: number[], size: number) => [...list, ...Array(size - list.length).fill(rows)];
  const rowOfSlot = Int32Array.from([...pad(ordinary, 20), ...pad(category, 4), ...pad(attribute, 4)]);
  const slotOfRow = Int32Array.from({ length: rows }, (_, row) => {
    const slot = rowOfSlot.indexOf(row);
    return slot < 0 ? rowOfSlot.length : slot;
  });
  return {
    groups,
    tensors: { rowOfSlot: tf.tensor1d(rowOfSlot, 'int32'), slotOfRow: tf.tensor1d(slotOfRow, 'int32') },
  };
}

/** A gated feed-forward layer on one token: gate and up as rows of one matrix. */
function swiglu(token: number[], gateUp: number[][], down: number[][]): number[] {
  const dot = (row: number[], v: number[]) => row.reduce((sum, each, at) => sum + each * v[at], 0);
  const both = gateUp.map((row) => dot(row, token));
  const inner = both.slice(0, hidden).map((g, at) => (g / (1 + Math.exp(-g))) * both[hidden + at]);
  return down.map((row) => dot(row, inner));
}

/** The slow, obvious version: token by token, in plain numbers. */
function slowLayer(
  x: number[][],
  weights: Record<string, number[][][]>,
  router: number[][],
  { topK }: { topK: number },
): number[][] {
  return x.map((token, row) => {
    if (row === 5) return Array(width).fill(0);
    if (row % length === 6) return swiglu(token, weights.categoryGateUp[0], weights.categoryDown[0]);
    if (row % length === 7) return swiglu(token, weights.attributeGateUp[0], weights.attributeDown[0]);
    const logits = router.map((line) => line.reduce((sum, each, at) => sum + each * token[at], 0));
    const total = logits.reduce((sum, each) => sum + Math.exp(each), 0);
    const gates = logits.map((each) => Math.exp(each) / total);
    const chosen = gates
      .map((gate, expert) => ({ gate, expert }))
      .sort((a, b) => b.gate - a.gate)
      .slice(0, topK);
    return chosen.reduce((sum, { gate, expert }) => {
      const y = swiglu(token, weights.gateUp[expert], weights.down[expert]);
      return sum.map((each, at) => each + gate * y[at]);
    }, Array(width).fill(0) as number[]);
  });
}

/** Experts that differ, with a router that spreads. */
function mixedExperts(option: ExpertsOption) {
  const weights = addExperts(denseWeights(), option, randomStream(1, 'experts'));
  for (const name of Object.keys(weights)) {
    const old = weights[name];
    weights[name] = tf.add(old, random(old.shape, name));
    old.dispose();
  }
  return weights;
}

const guided = (topK: number) => ({ kind: 'guided', count: 5, topK, blocks: [0] }) satisfies ExpertsOption;

describe('guided experts', () => {
  test.each([guided(1), guided(2), guided(3)])('equal the token-by-token version: %o', (option) => {
    const weights = mixedExperts(option);
    const { groups, tensors } = batchOf();
    const x = random([sequences, length, width], 'x') as tf.Tensor3D;
    const { output } = expertLayer(x, 0, weights, option, { groups }, tensors);
    const name = 'model.layers.0.mlp';
    const plain = (key: string) => weights[`${name}.${key}`].arraySync() as number[][][];
    const slow = slowLayer(
      tf.reshape(x, [rows, width]).arraySync() as number[][],
      {
        gateUp: plain('experts.gate_up_proj'),
        down: plain('experts.down_proj'),
        categoryGateUp: plain('category.gate_up_proj'),
        categoryDown: plain('category.down_proj'),
        attributeGateUp: plain('attribute.gate_up_proj'),
        attributeDown: plain('attribute.down_proj'),
      },
      weights[`${name}.gate.weight`].arraySync() as number[][],
      option,
    ).flat();
    const fast = output.dataSync();
    slow.forEach((value, at) => {
      expect(fast[at]).toBeCloseTo(value, 3);
    });
  });

  test('gradients equal central differences', () => {
    const option = guided(2);
    const weights = mixedExperts(option);
    const { groups, tensors } = batchOf();
    const x = random([sequences, length, width], 'x') as tf.Tensor3D;
    const upstream = random([sequences, length, width], 'upstream');
    const names = ['x', ...Object.keys(weights)];
    const layer = (...values: tf.Tensor[]) => {
      const given = Object.fromEntries(names.map((name, at) => [name, values[at]]));
      return expertLayer(given.x as tf.Tensor3D, 0, given, option, { groups }, tensors).output;
    };
    const loss = (...values: tf.Tensor[]) => tf.sum(tf.mul(layer(...values), upstream)) as tf.Scalar;
    const values = names.map((name) => (name === 'x' ? x : weights[name]));
    const gradients = tf.grads(loss)(values);
    const direction = values.map((value, at) => random(value.shape, `direction ${at}`));
    const step = 1e-3;
    values.forEach((_, at) => {
      const moved = (sign: number) =>
        layer(...values.map((value, i) => (i === at ? tf.add(value, tf.mul(direction[i], sign * step)) : value)));
      // Subtracted before they are summed: single precision keeps more of the difference.
      const numeric = tf.sum(tf.mul(tf.sub(moved(1), moved(-1)), upstream)).dataSync()[0] / (2 * step);
      const analytic = tf.sum(tf.mul(gradients[at], direction[at])).dataSync()[0];
      expect(Math.abs(numeric - analytic) / Math.max(1, Math.abs(numeric)), names[at]).toBeLessThan(0.005);
    });
  });

  test("with inputs and upstream gradient fixed, a category token moves FFN_cate's gradient and no ordinary expert's", () => {
    const weights = mixedExperts(guided(1));
    const { groups, tensors } = batchOf();
    const x = random([sequences, length, width], 'x');
    const upstream = random([sequences, length, width], 'upstream');
    const names = Object.keys(weights);
    const gradientsAt = (tokens: tf.Tensor) => {
      const loss = (...values: tf.Tensor[]) => {
        const given = Object.fromEntries(names.map((name, at) => [name, values[at]]));
        const { output } = expertLayer(tokens as tf.Tensor3D, 0, given, guided(1), { groups }, tensors);
        return tf.sum(tf.mul(output, upstream)) as tf.Scalar;
      };
      const gradients = tf.grads(loss)(names.map((name) => weights[name]));
      return Object.fromEntries(names.map((name, at) => [name, gradients[at].dataSync()]));
    };
    const before = gradientsAt(x);
    const bump = tf.buffer([sequences, length, width]);
    bump.set(1, 1, 6, 2); // a category token of the second sequence
    const after = gradientsAt(tf.add(x, bump.toTensor()));
    for (const name of names) {
      if (name.includes('.category.')) expect(after[name], name).not.toEqual(before[name]);
      else expect(after[name], name).toEqual(before[name]);
    }
  });

  test('leaves no tensor behind but its output and its record', async () => {
    const weights = mixedExperts(guided(2));
    const { groups, tensors } = batchOf();
    const x = random([sequences, length, width], 'x') as tf.Tensor3D;
    const { leaked } = await countLeaks(() => {
      tf.tidy(() => {
        expertLayer(x, 0, weights, guided(2), { groups }, tensors);
      });
    });
    expect(leaked).toBe(0);
  });
});

describe('copies of a dense layer', () => {
  const x = random([sequences, length, width], 'x') as tf.Tensor3D;
  const denseOutput = () => {
    const [gate, up, down] = Object.values(denseWeights()) as tf.Tensor2D[];
    const token = tf.reshape(x, [rows, width]);
    const hidden = tf.mul(
      tf.mul(tf.sigmoid(tf.matMul(token, gate, false, true)), tf.matMul(token, gate, false, true)),
      tf.matMul(token, up, false, true),
    );
    return tf.matMul(hidden, down, false, true).arraySync() as number[][];
  };
  const copies = (of: ExpertsOption) => addExperts(denseWeights(), of, randomStream(1, 'experts'));
  const outputOf = (of: Parameters<typeof expertLayer>[3]) => {
    const { groups, tensors } = batchOf();
    const { output, record } = expertLayer(x, 0, copies(of), of, { groups }, tensors);
    return { output: tf.reshape(output, [rows, width]).arraySync() as number[][], routing: record.routing };
  };
  const close = (a: number[], b: number[]) =>
    a.forEach((value, at) => {
      expect(value).toBeCloseTo(b[at], 4);
    });

  test('at top-1 the output is the dense one times the gate; designated experts count fully', () => {
    const dense = denseOutput();
    const plain = outputOf(guided(1));
    const gates = plain.routing.gates.arraySync() as number[][];
    dense.forEach((row, at) => {
      if (at === 5) return;
      const own = at % length >= 6;
      close(
        plain.output[at],
        row.map((value) => value * (own ? 1 : gates[at][0])),
      );
    });
  });

  test('with every expert chosen, the output is the dense one', () => {
    const dense = denseOutput();
    const { output } = outputOf(guided(3));
    dense.forEach((row, at) => {
      if (at !== 5) close(output[at], row);
    });
  });
});

describe('modality experts', () => {
  const modality = (count: number, topK: number) =>
    ({ kind: 'modality', count, topK, blocks: [0] }) satisfies ExpertsOption;
  const x = random([sequences, length, width], 'x') as tf.Tensor3D;
  const tokens = tf.reshape(x, [rows, width]).arraySync() as number[][];
  const outputOf = (option: ReturnType<typeof modality>, weights: Record<string, tf.Tensor>, given = x) => {
    const { groups, tensors } = batchOf();
    const { output } = expertLayer(given, 0, weights, option, { groups }, tensors);
    return tf.reshape(output, [rows, width]).arraySync() as number[][];
  };
  /** Token by token: the chosen experts, weighted by the softmax over their logits alone. */
  const slow = (option: ReturnType<typeof modality>, weights: Record<string, tf.Tensor>) => {
    const plain = (key: string) => weights[`model.layers.0.mlp.${key}`].arraySync() as number[][][];
    const [gateUp, down] = [plain('experts.gate_up_proj'), plain('experts.down_proj')];
    const router = weights['model.layers.0.mlp.gate.weight'].arraySync() as number[][];
    return tokens.map((token, row) => {
      if (row === 5) return Array(width).fill(0);
      const logits = router.map((line) => line.reduce((sum, each, at) => sum + each * token[at], 0));
      const chosen = logits
        .map((logit, expert) => ({ logit, expert }))
        .sort((a, b) => b.logit - a.logit)
        .slice(0, option.topK);
      const sum = chosen.reduce((all, { logit }) => all + Math.exp(logit), 0);
      return chosen.reduce((out, { logit, expert }) => {
        const y = swiglu(token, gateUp[expert], down[expert]);
        return out.map((each, at) => each + (Math.exp(logit) / sum) * y[at]);
      }, Array(width).fill(0) as number[]);
    });
  };
  const closeTo = (a: number[][], b: number[][]) =>
    a.flat().map((value, at) => expect(value).toBeCloseTo(b.flat()[at], 3));

  test.each([modality(3, 2), modality(4, 4), modality(1, 1)])('equal the token-by-token version: %o', (option) => {
    const weights = mixedExperts(option);
    closeTo(outputOf(option, weights), slow(option, weights));
  });

  test.each([modality(1, 1), modality(4, 2), modality(4, 4)])(
    'copies of a dense layer give what it gives: their weights sum to 1: %o',
    (option) => {
      const copies = addExperts(denseWeights(), option, randomStream(1, 'experts'));
      const [gate, up, down] = Object.values(denseWeights()).map((each) => each.arraySync() as number[][]);
      const dense = tokens.map((token, row) =>
        row === 5 ? Array(width).fill(0) : swiglu(token, [...gate, ...up], down),
      );
      closeTo(outputOf(option, copies), dense);
    },
  );

  test('what a token gets does not depend on the other tokens', () => {
    const option = modality(3, 2);
    const weights = mixedExperts(option);
    const before = outputOf(option, weights);
    const others = tf.where(
      tf.tensor(
        Array.from({ length: rows }, (_, row) => row === 9),
        [sequences, length, 1],
        'bool',
      ),
      x,
      random([sequences, length, width], 'others'),
    ) as tf.Tensor3D;
    const after = outputOf(option, weights, others);
    closeTo([after[9]], [before[9]]);
    expect(after[8]).not.toEqual(before[8]);
  });
});

test('rows moved there and back are the rows', () => {
  const x = random([5, 4], 'rows') as tf.Tensor2D;
  const there = tf.tensor1d([3, 5, 0, 4, 1, 2, 5], 'int32');
  const back = tf.tensor1d([2, 4, 5, 0, 3], 'int32');
  expect(moveRows(moveRows(x, there, back), back, there).arraySync()).toEqual(x.arraySync());
});

test.each([1, 2, 3])('every routed choice has a place of its own in a block of its expert, block size %i', (block) => {
  const choices = [
    [2, 0],
    [2, 1],
    [3, 3],
    [2, 0],
    [0, 2],
    [2, 1],
  ];
  const routed = [1, 1, 0, 1, 1, 1];
  const placed = dispatch(tf.tensor2d(choices, [6, 2], 'int32'), tf.tensor1d(routed), 5, 4, block);
  const slotOf = placed.slotOf.arraySync();
  const [choiceOf, expertOf] = [placed.choiceOf.arraySync(), placed.expertOf.arraySync()];
  expect(choiceOf.length).toBe(expertOf.length * block);
  const taken = new Set<number>();
  choices.forEach((ofToken, token) => {
    ofToken.forEach((expert, rank) => {
      const slot = slotOf[token][rank];
      if (!routed[token]) {
        expect(slot).toBe(choiceOf.length);
        return;
      }
      expect(expertOf[Math.floor(slot / block)]).toBe(expert);
      expect(choiceOf[slot]).toBe(2 * token + rank);
      taken.add(slot);
    });
  });
  expect(taken.size).toBe(10);
  choiceOf.forEach((choice, slot) => {
    if (!taken.has(slot)) expect(choice).toBe(12);
  });
});
