import { computedDefault, required, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const explain = verb({
  name: 'explain',
  summary:
    'Show how a trained network processes one product: sequence, experts by aspect, attention from title to image.',
  flags: {
    run: required(text('RUN', 'folder of the run')),
    product: required(text('ID', 'id of the product')),
    data: computedDefault(text('PATH', 'folder or table of products'), 'the data of the run'),
    json: toggle('print the explanation as JSON'),
  },
  reads: ['data'],
  examples: [
    'explain --run runs/start/seed-1 --product Golden-Delicious',
    'explain --run runs/train --product p8 --data shop.csv --json',
  ],
  async run(values) {
    await (await import('../explain.js')).explainProduct(values);
    return 0;
  },
});
