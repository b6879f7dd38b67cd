import { describe, expect, test } from 'vitest';
import type { Catalogue, Pair, Product, Split } from '../../src/data/types.js';
import { headlineTask, noTask, tasksOf } from '../../src/datasets/tasks.js';

/** Products with titles alone, and a text query of each in its split. */
function titled(splits: readonly Split[], adapter = 'table'): Catalogue {
  const products = splits.map(
    (_, at): Product => ({ id: `p${at}`, title: `Mug ${at}`, category: ['Mugs'], attributes: {}, images: [] }),
  );
  const pairs = splits.map(
    (split, at): Pair => ({ query: { id: `q${at}`, text: `a mug ${at}` }, product: `p${at}`, split }),
  );
  return { adapter, root: '/data/shop', products, pairs, issues: [] };
}

const catalogue = titled(['train', 'train', 'train', 'test', 'test']);

describe('what cannot be asked is refused with what can', () => {
  test('a split without queries: the splits that have some, and their forms', () => {
    expect(() => tasksOf({ catalogue, split: 'val' }, [headlineTask(catalogue)])).toThrow(
      "split: got 'val', for which /data/shop has no queries. Queries by split: train 3 text; test 2 text. Choose a split with queries, or hold products out: npx moon-lab new STUDY --data /data/shop.",
    );
    expect(noTask({ catalogue: { ...catalogue, pairs: [] }, split: 'val' }).message).toContain('by split: none.');
  });

  test('a headline that asks with images, where there are texts', () => {
    expect(() => tasksOf({ catalogue, split: 'test' }, [headlineTask(catalogue)])).toThrow(
      'tasks: got "retrieval.image", expected names of retrieval.text | directions.t-mm. Split \'test\' has 2 text queries.',
    );
  });

  test('a split with queries that fit no task', () => {
    const pictures = titled(['train', 'test', 'test'], 'fashion');
    expect(() => tasksOf({ catalogue: pictures, split: 'test' }, [headlineTask(pictures)])).toThrow(
      "split: got 'test', whose 2 text queries fit none of the tasks. Of 3 products, 0 have an image and 3 have a title.",
    );
  });
});
