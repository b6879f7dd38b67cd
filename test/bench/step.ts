import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initWeights } from '../../src/backbones/init-weights.js';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import { createCache, disposeCache, type KeyValueCache } from '../../src/backbones/layers/key-value-cache.js';
import type { QwenConfig } from '../../src/backbones/qwen25vl/config.js';
import { configToJson } from '../../src/backbones/qwen25vl/config-file.js';
import { sizes } from '../../src/backbones/qwen25vl/sizes.js';
import { wrongOption } from '../../src/checks/error.js';
import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { chooseToken } from '../../src/generate/sampling.js';
import { compiledReader, plainReader } from '../../src/generate/token-reader.js';
import type { SizeName } from '../../src/pictures/tower-option.js';
import { rowsInOwnProcess } from './own-process.js';
import { graphShare, profileRows } from './profile.js';
import { measureInTurn, type Rival, ratioRow, type Side, startRival } from './rival.js';
import { forwardFlop, matmulFlop, matmulTime, row, sizedBatch, sizedMoon, sizedSequence } from './sized.js';
import type { Bench, BenchRow } from './table.js';
import { moonWork, trainingStep } from './training-step.js';

const kinds = ['dense', 'guided'] as const;
type Kind = (typeof kinds)[number];
/** A part with the peak memory of all sizes alone. */
const MEMORY = 'memory';
const parts = (Object.keys(sizes) as SizeName[]).flatMap((size) => kinds.map((kind) => `${size}-${kind}`));
const less = 'ms (less is better)';
/** Operation by operation, every number of a step's way is kept: of this part that is more than 24 GB. */
const fitsEager = (size: SizeName, kind: Kind) => size !== 'small' || kind === 'dense';
/** Of one measurement of generation. */
const WRITTEN = 16;

/**
 * The compiled step, embedding and greedy token beside our own operation by operation, PyTorch and torch.compile, size by size, dense
 * and with guided experts; what the first call costs; peak memory; where the time goes. `bench step:tiny-dense` runs one part,
 * `bench step:memory` measures the peak memory of all.
 */
export const rows: Bench = async ({ python, part }) => {
  if (part && part !== MEMORY && !parts.some((each) => each.startsWith(part)))
    throw wrongOption('step:PART', part, [...parts, MEMORY].join(' | '));
  const cache = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  process.env.MOON_CACHE = cache;
  await startEngine();
  const rival = python && part !== MEMORY ? await startRival(python, new URL('./qwen.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  try {
    const table: BenchRow[] = [];
    for (const size of Object.keys(sizes) as SizeName[])
      for (const kind of kinds)
        if (part === MEMORY) table.push(...(await memoryRows(size, kind, python)));
        else if (`${size}-${kind}`.startsWith(part ?? '')) {
          // Before this process holds an eager step of its own: of the size small that is 17 GB.
          const memory = await memoryRows(size, kind, python);
          table.push(...(await partRows(size, kind, rival)), ...memory);
        }
    return table;
  } finally {
    rival?.stop();
    await rm(cache, { recursive: true });
  }
};

/** What the rival needs to build the same network and batch. */
function requestOf(size: SizeName, kind: Kind, aspects: readonly string[]) {
  const { network, experts } = sizedMoon(size, kind);
  return {
    name: `${size} ${kind}`,
    config: configToJson(network),
    ...sizedSequence(network, sizes[size]),
    batch: sizes[size].batch,
    aspects,
    experts: experts.kind === 'none' ? undefined : experts.blocks,
  };
}

async function partRows(size: SizeName, kind: Kind, rival: Rival | undefined): Promise<BenchRow[]> {
  const name = `${size} ${kind}`;
  const model = sizedMoon(size, kind);
  const { batch, tensors, aspects } = sizedBatch(size, model);
  const open = (compiled: boolean, precision?: 'bfloat16') =>
    trainingStep(moonWork(model, { batch, tensors }), compiled, precision);
  const eager = fitsEager(size, kind) ? open(false) : undefined;
  const [compiled, again] = [open(true), open(true)];
  const request = requestOf(size, kind, aspects);
  const asked = (what: string): Side | undefined =>
    rival && (() => rival.measure(JSON.stringify({ ...request, what })));
  const first = { new: compiled.run(), cached: again.run() };
  const { step: report } = compiled.report();
  again.dispose();
  const steps = await sideRows(`${name}: step`, compiled.run, eager?.run, asked('step'), asked('step compiled'), less);
  const half = open(true, 'bfloat16');
  const sides: Record<string, Side> = { half: half.run, float: compiled.run };
  const autocast = asked('step bfloat16');
  if (autocast) sides.autocast = autocast;
  const inHalf = await measureInTurn(sides);
  half.dispose();
  const halfRow = (rival: string, other: number[]) =>
    ratioRow(`${name}: step in bfloat16; rival ${rival}`, inHalf.half, other, less);
  const halfRows = [
    halfRow('our float32', inHalf.float),
    ...(autocast ? [halfRow(`PyTorch's autocast`, inHalf.autocast)] : []),
  ];
  const flop = 3 * forwardFlop(model.network, sizes[size]);
  const fraction = steps.measured.ours.map((each, at) => (flop / each) * (steps.measured.matmul[at] / matmulFlop));
  const perSecond = (embed: () => number) => () => (1000 * sizes[size].batch) / embed();
  const embedding = await sideRows(
    `${name}: embedding`,
    perSecond(compiled.embed),
    eager && perSecond(eager.embed),
    asked('embedding'),
    asked('embedding compiled'),
    'sequences/s (more is better)',
  );
  const profile = eager ? profileRows(`${name}: profile`, eager.update) : [];
  compiled.dispose();
  eager?.dispose();
  tf.dispose(tensors);
  const generation = kind === 'dense' ? await generationRows(size, model.network, asked) : [];
  return [
    ...steps.table,
    ...halfRows,
    ratioRow(`${name}: step, share of the 1024 matmul's speed`, fraction, undefined, 'more is better'),
    row(`${name}: first call of a shape`, first.new / 1000, `s (less is better; ${report.operations} operations)`),
    row(`${name}: first call from the disk cache`, first.cached / 1000, 's (less is better)'),
    ...embedding.table,
    ...generation,
    ...profile,
  ];
}

/** One greedy token after a prompt as long as the size's sequences; experts write none. */
async function generationRows(
  size: SizeName,
  config: QwenConfig,
  asked: (what: string) => Side | undefined,
): Promise<BenchRow[]> {
  const { tokens: length, width } = sizes[size];
  const weights = initWeights(config, randomStream(1, 'init'));
  const prompt = createCache();
  const embeddings = tf.randomNormal<tf.Rank.R3>([1, length, width], 0, 1, 'float32', 1);
  const positions = tf.tile(tf.reshape(tf.range(0, length, 1, 'int32'), [1, 1, -1]), [3, 1, 1]) as tf.Tensor3D;
  tf.tidy(() => void runLanguage(config.text, weights, { embeddings, positions, attention: 'causal', cache: prompt }));
  const unused = randomStream(1, 'greedy');
  const write = (reader: typeof plainReader) => () => {
    const cache: KeyValueCache = {
      blocks: prompt.blocks.map(({ keys, values }) => ({ keys: tf.clone(keys), values: tf.clone(values) })),
    };
    const read = reader({ config, weights }, cache);
    const started = performance.now();
    for (let at = 0; at < WRITTEN; at++) {
      chooseToken(read(10, length + at), { kind: 'greedy' }, unused);
    }
    const time = (performance.now() - started) / WRITTEN;
    disposeCache(cache);
    return time;
  };
  const [ours, eager, torch, fast] = [
    write(compiledReader),
    write(plainReader),
    asked('token'),
    asked('token compiled'),
  ];
  const { table } = await sideRows(`${size}: greedy token`, ours, eager, torch, fast, less);
  table.push(
    row(`${size}: greedy token, inside its graph`, 100 * graphShare(ours), '% of the time; JavaScript has the rest'),
  );
  disposeCache(prompt);
  tf.dispose([weights, embeddings, positions]);
  return table;
}

/**
 * Peaks over three steps, each in a process of its own, since a process's peak never goes down; and what of them is mapped from files: the
 * code of libraries, which the system can drop and processes share.
 */
async function memoryRows(size: SizeName, kind: Kind, python: string | undefined): Promise<BenchRow[]> {
  const own = async (mode: string) =>
    (await rowsInOwnProcess(`step-memory:${size}-${kind}-${mode}`)).map((each) => each.ours);
  const [peak, mapped] = await own('compiled');
  const name = `${size} ${kind}: peak memory of a process that trains`;
  const beside = (what: string, compiled: number, other: number) =>
    ({
      ...ratioRow(`${name}${what}`, [compiled], [other], 'MB (less is better)'),
      spread: undefined,
    }) as BenchRow;
  const table = fitsEager(size, kind) ? [beside('; rival our eager', peak, (await own('eager'))[0])] : [];
  if (!python) return table;
  const rival = await startRival(python, new URL('./qwen.py', import.meta.url));
  const model = sizedMoon(size, kind);
  const { tensors, aspects } = sizedBatch(size, model);
  tf.dispose(tensors);
  const request = requestOf(size, kind, aspects);
  for (let i = 0; i < 3; i++) await rival.measure(JSON.stringify({ ...request, what: 'step' }));
  const asked = (what: string) => rival.measure(JSON.stringify({ ...request, what }));
  const [theirs, theirMapped] = [await asked('peak'), await asked('mapped')];
  table.push(
    beside('; rival PyTorch', peak, theirs),
    beside(' without what is mapped from files; rival PyTorch', peak - mapped, theirs - theirMapped),
  );
  rival.stop();
  return table;
}

/** One row a rival; all sides measured in the same blocks. */
async function sideRows(
  name: string,
  ours: Side,
  eager: Side | undefined,
  torch: Side | undefined,
  torchCompile: Side | undefined,
  unit: string,
) {
  const sides: Record<string, Side> = { ours, ...(eager ? { eager } : {}), matmul: matmulTime };
  if (torch && torchCompile) Object.assign(sides, { torch, torchCompile });
  // Its first calls compile.
  await torchCompile?.();
  const measured = await measureInTurn(sides);
  const table = [ratioRow(eager ? `${name}; rival our eager` : name, measured.ours, measured.eager, unit)];
  if (torch) table.push(ratioRow(`${name}; rival PyTorch`, measured.ours, measured.torch, unit));
  if (torchCompile) table.push(ratioRow(`${name}; rival torch.compile`, measured.ours, measured.torchCompile, unit));
  return { table, measured };
}
