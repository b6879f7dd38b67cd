import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GROCERY_PACK } from '../data/grocery-pack.js';
import { openCatalogue } from '../data/open.js';
import { wrongOption } from '../engine/check.js';
import { startEngine } from '../engine/engine.js';
import { writePage } from '../figures/write-page.js';
import { progressBar } from '../notebook/progress.js';
import { grocery } from '../train/config.js';
import { prepare } from '../train/experiment.js';
import { type StepRecord, train } from '../train/loop.js';
import type { Command } from './command.js';
import { measure, reportFor } from './start-report.js';

/** First light: train MOON on the grocery pack, measure it on the validation photos, leave a page. */
export const start: Command = {
  usage: 'start [--steps N] [--seed N] [--out DIR]',
  summary: 'train MOON on real grocery photos, measure it, and write a page with curve, table, map and cases',
  async run(args) {
    const { values } = parseArgs({
      args,
      options: { steps: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string', default: 'runs/start' } },
    });
    const steps = wholeNumber('--steps', values.steps, grocery.optimizer.steps);
    const seed = wholeNumber('--seed', values.seed, grocery.seed);
    const config = { ...grocery, seed, optimizer: { ...grocery.optimizer, steps } };
    const engine = await startEngine();
    console.log(`engine ${engine.backend}, TensorFlow ${engine.tensorflow}, ${engine.threads} threads`);

    const catalogue = await openCatalogue(GROCERY_PACK);
    const photos = (split: string) => catalogue.pairs.filter((pair) => pair.split === split && pair.query.image).length;
    console.log(
      `${catalogue.products.length} products, ${photos('train')} training photos, ${photos('val')} validation photos`,
    );

    const reading = progressBar();
    const { trained, pixels } = await prepare(config, catalogue, (done, total) =>
      reading.show({ label: 'pictures', done, total }),
    );
    reading.end();
    for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);
    console.log(`${trained.parameters.size.toLocaleString('en')} parameters, ${steps} steps, seed ${seed}`);

    const untrained = await measure(trained, catalogue, pixels, 'untrained network');
    const records: StepRecord[] = [];
    const training = progressBar();
    await train(trained, catalogue, pixels, {
      onStep: (record) => {
        records.push(record);
        training.show({ label: 'training', done: record.step, total: steps, note: `loss ${record.loss.toFixed(2)}` });
      },
    });
    training.end();

    const { page, table } = await reportFor(trained, catalogue, pixels, records, untrained);
    console.log(`\n${table.text}\n`);
    const path = join(values.out, 'report.html');
    writePage(path, page);
    console.log(`report: ${path}`);
    return 0;
  },
};

function wholeNumber(option: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 0) throw wrongOption(option, text, 'a whole number');
  return value;
}
