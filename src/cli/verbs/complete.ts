import { choice, computedDefault, integer, outFile, required, text, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

export const complete = verb({
  name: 'complete',
  summary:
    'Fill the missing titles, categories or attributes of a catalogue by a run, into a new table that marks them.',
  flags: {
    run: required(text('RUN', 'folder of the run whose network writes, or compares pictures')),
    data: computedDefault(text('PATH', 'folder or table of products'), 'the data of the run'),
    field: withDefault(text('NAME', 'title, category, or the name of an attribute'), 'title'),
    by: withDefault(
      choice(['decoder', 'neighbour'], 'the network writes the text, or it is that of the most similar picture'),
      'decoder',
    ),
    tokens: withDefault(integer('N', 'most tokens of a text that is written'), 24),
    out: required(outFile('new table of all products: .csv or .jsonl')),
    json: toggle('print what was filled as JSON'),
  },
  reads: ['run', 'data'],
  examples: [
    'complete --run runs/mine --field title --out runs/completed.csv',
    'complete --run runs/mine --data shop.csv --field colour --by neighbour --out runs/colours.jsonl',
  ],
  async run(values) {
    await (await import('../complete.js')).runComplete(values);
    return 0;
  },
});
