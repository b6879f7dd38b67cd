import { UserError } from '../../checks/error.js';
import { computedDefault, names, outFile, split, text, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

export const compare = verb({
  name: 'compare',
  summary:
    'Compare runs, embeddings of any model and baselines on the same queries: paired differences, slices, the queries that flipped.',
  rest: {
    systems:
      'the first one is what the others are compared with: RUN, several seeds as RUN,RUN; FILE of embeddings; or the name of a baseline',
  },
  flags: {
    data: computedDefault(text('PATH', 'folder or table of products'), 'the data of the first run'),
    split: withDefault(split('split to evaluate on'), 'val'),
    tasks: computedDefault(
      names('NAME,...', 'tasks or groups of tasks; or same-category, which needs no queries'),
      'those that say most',
    ),
    queries: computedDefault(
      text('FILE', 'vectors of the queries, for files of embeddings that have none of their own'),
      'NAME.queries beside each file, or the file itself',
    ),
    html: outFile('write a page with tables, the queries that flipped, and both maps'),
    json: toggle('print the comparison as JSON'),
  },
  check({ systems }) {
    if (systems.length < 2)
      throw new UserError(
        `SYSTEMS: got ${systems.length}, expected two or more: runs, files of embeddings, or baselines.`,
      );
  },
  reads: ['data', 'queries'],
  examples: [
    'compare runs/start/seed-1 minilm bm25 --html comparison.html',
    'compare runs/a-1,runs/a-2,runs/a-3 clip.parquet --data shop --tasks retrieval.text',
  ],
  async run(values) {
    await (await import('../compare.js')).runComparison(values);
    return 0;
  },
});
