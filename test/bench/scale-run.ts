import { wrongOption } from '../../src/checks/error.js';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { prepare } from '../../src/encoder/prepare.js';
import { startEngine } from '../../src/engine/engine.js';
import { peakMemory } from '../../src/engine/memory.js';
import { productRows } from '../../src/evaluate/embed/embed-rows.js';
import { networkSource } from '../../src/evaluate/embed/embed-source.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { trainSteps } from '../../src/train/loop.js';
import { median } from './rival.js';
import { largeCatalogue } from './scale-catalogue.js';
import { row } from './sized.js';
import type { Bench } from './table.js';

const STEPS = 24;
/** Parts of `embed`. */
const [PARTS, PART] = [4, 256];

/**
 * Training and embedding of a catalogue of COUNT products whose pictures are in the store of FOLDER, in this process alone: `bench scale`
 * fills the store and starts one for each size. `scale-run:COUNT:FOLDER`.
 */
export const rows: Bench = async ({ part }) => {
  const [count, root] = part?.split(':') ?? [];
  if (!root) throw wrongOption('scale-run:PART', part, 'COUNT:FOLDER');
  await startEngine();
  const config: MoonConfig = {
    ...grocery,
    region: { kind: 'none' },
    optimizer: { ...grocery.optimizer, steps: STEPS, warmUpSteps: 4 },
  };
  const catalogue = largeCatalogue(Number(count), root);
  const [started, used] = [performance.now(), process.cpuUsage()];
  const { encoder, pixels } = await prepare(config, catalogue);
  const timed = timePictures(pixels);
  let [start, work] = [0, 0];
  const steps: { seconds: number; data: number; pictures: number }[] = [];
  for await (const record of trainSteps(encoder, catalogue, timed.pixels)) {
    if (!start) {
      start = (performance.now() - started) / 1000;
      work = process.cpuUsage(used).user / 1e6;
    } else {
      steps.push({ seconds: record.seconds, data: record.dataSeconds, pictures: timed.seconds() });
    }
    timed.reset();
  }
  const trained = peakMemory() / 1e6;
  // Those of the middle step: one that loads a graph takes seconds.
  const [seconds, data, pictures] = (['seconds', 'data', 'pictures'] as const).map((each) =>
    median(steps.map((step) => step[each])),
  );
  const embed = await embedRate(await networkSource(encoder), catalogue);
  return [
    row('training', config.sampler.products / seconds, 'products a second (more is better)'),
    row('embedding', embed, 'products a second (more is better)'),
    row('start to the end of step 1', start, 's (less is better)'),
    row('start to the end of step 1, processor', work, 's (less is better)'),
    row('reading pictures', pictures / seconds, 'of the time of a step'),
    row('sampling, reading and encoding texts', data / seconds, 'of the time of a step'),
    row('peak memory of training', trained, 'MB (less is better)'),
    row('peak memory', peakMemory() / 1e6, 'MB (less is better)'),
  ];
};

/** The same pictures, with the seconds that their input took since `reset`. */
function timePictures(pixels: Pixels): { pixels: Pixels; seconds(): number; reset(): void } {
  let seconds = 0;
  return {
    pixels: {
      ...pixels,
      inputOf(...given) {
        const started = performance.now();
        const input = pixels.inputOf(...given);
        seconds += (performance.now() - started) / 1000;
        return input;
      },
    },
    seconds: () => seconds,
    reset() {
      seconds = 0;
    },
  };
}

/** Products a second of parts from the whole catalogue, after a first one that compiles. */
async function embedRate(
  source: Awaited<ReturnType<typeof networkSource>>,
  catalogue: ReturnType<typeof largeCatalogue>,
): Promise<number> {
  const every = Math.floor(catalogue.products.length / (PARTS + 1));
  let started = 0;
  for (let part = 0; part <= PARTS; part++) {
    if (part === 1) started = performance.now();
    const products = catalogue.products.slice(part * every, part * every + PART);
    await source.embed(productRows({ products }), catalogue);
  }
  return (1000 * PARTS * PART) / (performance.now() - started);
}
