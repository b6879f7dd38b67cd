import { laterDefault, required, text, yes } from '../flags.js';
import { verb } from '../verb.js';

export const explain = verb({
  name: 'explain',
  summary:
    'Show one product as a trained network reads it: sequence, experts by aspect, attention from title to image.',
  flags: {
    run: required(text('RUN', 'folder of the run')),
    product: required(text('ID', 'the product')),
    data: laterDefault(text('PATH', 'folder or table of products'), 'the data of the run'),
    json: yes('print the same as JSON'),
  },
  examples: [
    'explain --run runs/start/seed-1 --product Golden-Delicious',
    'explain --run runs/train --product p8 --data shop.csv --json',
  ],
  async run(values) {
    await (await import('../explain.js')).explainProduct(values);
    return 0;
  },
});
