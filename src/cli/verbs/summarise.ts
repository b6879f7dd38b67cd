import { computedDefault, integer, outFile, required, text, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

export const summarise = verb({
  name: 'summarise',
  summary:
    'Write the missing summaries of a catalogue from its descriptions and photos, into a new table that marks them.',
  flags: {
    run: required(text('RUN', 'folder of a run that learned to write summaries')),
    data: computedDefault(text('PATH', 'folder or table of products'), 'the data of the run'),
    tokens: withDefault(integer('N', 'most tokens of a summary'), 48),
    out: required(outFile('new table of all products: .csv or .jsonl')),
    json: toggle('print what was written as JSON'),
  },
  reads: ['run', 'data'],
  examples: [
    'summarise --run runs/mine --out runs/summaries.csv',
    'summarise --run runs/mine --data shop.csv --tokens 64 --out runs/summaries.jsonl',
  ],
  async run(values) {
    await (await import('../complete.js')).runComplete({ ...values, field: 'summary', by: 'decoder' });
    return 0;
  },
});
