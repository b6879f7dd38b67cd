import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNetwork, type Network } from '../../src/backbones/families.js';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { inOwnProcess } from './own-process.js';
import { smollm2, smolvlm256m, writeNetwork } from './random-network.js';
import { interleave, type Rival, ratioRow, startRival } from './rival.js';
import type { Bench, BenchRow } from './table.js';
import { type Kind, kinds, type Pairs, pairsOf, tunedStep } from './tuned-step.js';

const NAME = 'SmolVLM-256M';
const SIDE = 512;
const TOKENS = 32;

/**
 * Networks of published sizes with random weights in bfloat16, beside transformers and peft on PyTorch: loading SmolVLM-256M, the peak
 * memory of that, its hidden states, and contrastive LoRA steps of it and of SmolLM2.
 */
export const rows: Bench = async ({ python, part }) => {
  await startEngine();
  const rival = python ? await startRival(python, new URL('./pretrained.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  const cases: [name: string, sizes: object][] = [
    ['SmolLM2, 6 blocks', smollm2(6)],
    ['SmolLM2, 30 blocks', smollm2(30)],
    [NAME, smolvlm256m],
  ];
  const root = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  try {
    const rows: BenchRow[] = [];
    for (const [name, sizes] of cases.filter(([name]) => !part || name.includes(part))) {
      const folder = join(root, name);
      writeNetwork(folder, sizes);
      if (name === NAME) rows.push(...(await loadingRows(folder, rival)));
      rows.push(...(await tuningRows(name, folder, pairsOf(name === NAME), rival)));
    }
    return rows;
  } finally {
    rival?.stop();
    await rm(root, { recursive: true });
  }
};

async function loadingRows(folder: string, rival: Rival | undefined): Promise<BenchRow[]> {
  const asked = rival && askedFor(rival, { folder, side: SIDE, tokens: TOKENS });
  const loading = await interleave('load', load(folder), asked, { unit: 's (less is better)' });
  const network = loadNetwork(folder);
  const states = await interleave('states', hiddenStates(network), asked, { unit: 'ms (less is better)' });
  const weights = Object.values(network.weights).reduce((sum, { size }) => sum + size * 4, 0) / 1e6;
  tf.dispose(network.weights);
  const peak = await inOwnProcess(`load-memory:${folder}`);
  const memory = ratioRow('', [peak], asked && [await asked.measure('peak')], 'MB (less is better)');
  return [
    named(loading, 'load, warm'),
    named({ ...memory, spread: undefined }, 'load, memory at its peak above that before'),
    named(ratioRow('', [peak / weights], undefined, 'of the weights in float32 (less is better)'), 'load, the same'),
    named(states, `hidden states of a picture of ${SIDE} px and ${TOKENS} tokens`),
  ];
}

/** One LoRA step, plain and with recomputed blocks, the most memory of a process that takes two, and embedding with the adapter. */
async function tuningRows(name: string, folder: string, pairs: Pairs, rival: Rival | undefined): Promise<BenchRow[]> {
  const asked = rival && askedFor(rival, { folder, ...pairs });
  const rows: BenchRow[] = [];
  // Other processes first: a large one may not be allowed to start them.
  const theirs = asked && [await asked.measure('tuned peak')];
  for (const [kind, how] of Object.entries(kinds)) {
    const peak = [await inOwnProcess(`tuned-memory:${kind}:${folder}`)];
    const row = ratioRow('', peak, theirs, 'MB of the process (less is better)');
    rows.push(named({ ...row, spread: undefined }, `LoRA step${how}, memory at its peak`, name));
  }
  for (const [kind, how] of Object.entries(kinds)) {
    const step = tunedStep(folder, pairs, kind as Kind);
    const updates = await interleave('tuned step', step.update, asked, { unit: 'ms (less is better)', blocks: 3 });
    rows.push(named(updates, `LoRA step${how}`, name));
    if (kind === 'kept') {
      const embedding = await interleave('tuned embedding', step.embed, asked, { unit: 'texts/s (more is better)' });
      rows.push(named(embedding, 'embedding with the adapter', name));
    }
    step.dispose();
  }
  return rows;
}

const askedFor = (rival: Rival, request: object): Rival => ({
  ...rival,
  measure: (what: string) => rival.measure(JSON.stringify({ what, ...request })),
});

const named = (row: BenchRow, name: string, network = NAME): BenchRow => ({ ...row, name: `${network}: ${name}` });

const load = (folder: string) => () => {
  const started = performance.now();
  const { weights } = loadNetwork(folder);
  const seconds = (performance.now() - started) / 1000;
  tf.dispose(weights);
  return seconds;
};

function hiddenStates(network: Network) {
  const draw = randomStream(1, 'pixels');
  const pixels = Float32Array.from({ length: SIDE * SIDE * 3 }, () => draw.normal());
  const visual = (SIDE / 16 / smolvlm256m.scale_factor) ** 2;
  const ids = [
    ...Array(visual).fill(smolvlm256m.image_token_id),
    ...Array.from({ length: TOKENS }, (_, at) => 100 + at),
  ];
  const image = { kind: 'tile', pixels, side: SIDE, width: SIDE, height: SIDE } as const;
  return () => {
    const started = performance.now();
    tf.tidy(() => {
      const { embeddings, positions } = embedPrompt(network, { ids, images: [image] });
      const { last } = runLanguage(network.config.text, network.weights, {
        embeddings,
        positions,
        attention: 'causal',
      });
      last.dataSync();
    });
    return performance.now() - started;
  };
}
