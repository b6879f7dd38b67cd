import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { addExperts } from '../../../src/moon/experts/add-experts.js';
import { checkExperts, type ExpertsOption } from '../../../src/moon/experts/option.js';

const guided = { kind: 'guided', count: 5, topK: 1, blocks: [0] };
const aspects = 'image | crop | words | title | category | attribute | prompt';
const named = 'expected a name of lowercase letters, digits, - and _ other than experts and ordinary.';

describe('a wrong option is refused', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ kind: 'mixture' }, 'experts.kind: got "mixture", expected one of guided | plain | modality | none.'],
    [
      { count: 2 },
      'experts.count: got 2, expected an integer of at least 3: an ordinary expert beside category, attribute.',
    ],
    [{ count: 4.5 }, 'experts.count: got 4.5'],
    [{ kind: 'plain', count: 0 }, 'experts.count: got 0, expected an integer from 1 to 256.'],
    [{ topK: 4 }, 'experts.topK: got 4'],
    [{ blocks: [] }, 'experts.blocks: got []'],
    [{ blocks: [1] }, 'experts.blocks: got [1]'],
    [{ blocks: [0, 0] }, 'experts.blocks: got [0,0]'],
    [{ guide: { brand: 'text' } }, `experts.guide.brand: is unknown (known here: ${aspects.replaceAll(' |', ',')})`],
    [{ guide: { title: 'experts' } }, `experts.guide.title: got "experts", ${named}`],
    [{ guide: { title: 'text', image: 'ordinary' } }, `experts.guide.image: got "ordinary", ${named}`],
    [{ guide: { title: 'a.b' } }, `experts.guide.title: got "a.b", ${named}`],
    [{ guide: { title: 3 } }, 'experts.guide.title: got 3, expected a text'],
    [{ guide: {} }, 'experts.guide: got {}, expected aspects and their groups, such as '],
    [{ guide: ['title'] }, `experts.guide: got ["title"], expected a record with texts for some of ${aspects}`],
    [{ guide: null }, `experts.guide: got null, expected a record with texts for some of ${aspects}`],
    [
      { count: 3, guide: { title: 'text', image: 'picture', crop: 'picture', attribute: 'attribute' } },
      'experts.count: got 3, expected an integer of at least 4: an ordinary expert beside text, picture, attribute.',
    ],
  ])('%o', (change, message) => {
    const option = { ...guided, ...change } as unknown as ExpertsOption;
    const dense = {
      'model.layers.0.mlp.gate_proj.weight': tf.ones([4, 2]),
      'model.layers.0.mlp.up_proj.weight': tf.ones([4, 2]),
      'model.layers.0.mlp.down_proj.weight': tf.ones([2, 4]),
    };
    expect(() => checkExperts(option, 1)).toThrow(message);
    expect(() => addExperts(dense, option, randomStream(1, 'experts'))).toThrow(message);
    tf.dispose(dense);
  });
});

test('aspects of one group share one expert, the rest are ordinary', () => {
  const option = { ...guided, kind: 'guided' as const, guide: { title: 'text', category: 'text', image: 'picture' } };
  expect(() => checkExperts({ ...option, topK: 3 }, 1)).not.toThrow();
  expect(() => checkExperts({ ...option, topK: 4 }, 1)).toThrow('experts.topK: got 4, expected 1 to 3');
});
