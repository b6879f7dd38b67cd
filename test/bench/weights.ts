import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeFolders } from '../../src/weights/merge/merge-folders.js';
import { readRecipe } from '../../src/weights/merge/recipe.js';
import { smollm2, writeNetwork } from './random-network.js';
import { interleave, startRival } from './rival.js';
import type { Bench } from './table.js';

const recipes = {
  linear: 'merge_method: linear\n',
  ties: 'merge_method: ties\nbase_model: base\n',
};

/**
 * Two networks of SmolLM2-135M's sizes in bfloat16 merged from folder to folder, in seconds, beside mergekit in a warm process. It writes 1.6 GB of
 * temporary files. `--python`: a Python with mergekit.
 */
export const rows: Bench = async ({ python }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-weights-'));
  const networks = ['base', 'first', 'second'];
  try {
    for (const name of networks) writeNetwork(join(folder, name), smollm2(30), name);
    for (const [name, lines] of Object.entries(recipes))
      writeFileSync(
        join(folder, `${name}.yml`),
        `${lines}dtype: bfloat16
models:
  - { model: first, parameters: { weight: 0.6${name === 'ties' ? ', density: 0.5' : ''} } }
  - { model: second, parameters: { weight: 0.4${name === 'ties' ? ', density: 0.5' : ''} } }
`,
      );
    process.env.FOLDER = folder;
    const rival = python ? await startRival(python, new URL('./weights.py', import.meta.url)) : undefined;
    if (rival) console.error(`rival: ${rival.about}`);
    const table = [];
    for (const name of Object.keys(recipes)) {
      const ours = () => {
        const out = join(folder, 'ours');
        const started = performance.now();
        mergeFolders(readRecipe(join(folder, `${name}.yml`)), out, (network) => join(folder, network));
        const seconds = (performance.now() - started) / 1000;
        rmSync(out, { recursive: true });
        return seconds;
      };
      table.push(await interleave(name, ours, rival, { blocks: 3, unit: 's (less is better)' }));
    }
    rival?.stop();
    return table;
  } finally {
    rmSync(folder, { recursive: true });
  }
};
