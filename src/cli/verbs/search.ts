import { UserError, wrongOption } from '../../checks/error.js';
import { choice, computedDefault, integer, outFile, repeated, required, text, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

export const search = verb({
  name: 'search',
  summary: 'Search an index of embeddings with a text, an image, both, or one of its items.',
  flags: {
    index: required(
      text('INDEX', 'file of embeddings, folder of a run, postgres:TABLE (DATABASE_URL) or lance:FOLDER'),
    ),
    run: text('RUN', 'folder of the run whose network embeds the query; --like needs none'),
    text: text('TEXT', 'what to look for, in words'),
    image: text('FILE', 'picture of what to look for'),
    like: text('ID', 'look for items like this one of the index'),
    where: repeated(text('FIELD=VALUE', 'only items with this value; a category includes those below it')),
    top: withDefault(integer('N', 'number of items shown'), 10),
    method: computedDefault(
      choice(['exact', 'approximate'], 'compare with every vector, or use an index of neighbours'),
      'exact up to 200,000 vectors',
    ),
    data: computedDefault(
      text('PATH', 'folder or table of the products, for titles and pictures'),
      'the data of the run',
    ),
    html: outFile('also write a page with pictures, core regions and why each item was found'),
    json: toggle('print the items as JSON, with their fields'),
  },
  conflicts: { like: ['text', 'image'] },
  check({ run, text: words, image, like, where }) {
    if (words === undefined && image === undefined && like === undefined)
      throw new UserError('search: what to look for is missing; give --text, --image or --like.');
    if (like === undefined && run === undefined)
      throw new UserError('--run: missing; a text or an image needs a network that embeds it.');
    for (const condition of where) conditionOf(condition);
  },
  reads: ['run', 'image', 'data'],
  examples: [
    'search --run runs/start/seed-1 --index runs/start/seed-1 --text apple --where category=Fruit --html found.html',
    'search --index postgres:products --like Golden-Delicious --top 5',
  ],
  async run({ where, ...values }) {
    await (await import('../search.js')).searchIndex({ ...values, where: where.map(conditionOf) });
    return 0;
  },
});

function conditionOf(given: string): { field: string; value: string } {
  const at = given.indexOf('=');
  if (at < 1) throw wrongOption('--where', given, 'FIELD=VALUE such as category=Fruit');
  return { field: given.slice(0, at), value: given.slice(at + 1) };
}
