// One life of a run: starts it or goes on with it, prints every step, ends with the run.
import { generateShop, trainRun } from '../../dist/index.js';

const [folder, config, shop] = process.argv.slice(2);
await trainRun(folder, JSON.parse(config), generateShop(JSON.parse(shop)), {
  resume: process.env.MOON_RESUME === '1',
  every: 1,
  onStep: ({ step }) => process.stdout.write(`${step}\n`),
});
process.exit(0);
