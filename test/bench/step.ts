import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrongOption } from '../../src/engine/check.js';
import { startEngine } from '../../src/engine/engine.js';
import * as tf from '../../src/engine/tf.js';
import { configToJson } from '../../src/qwen/config.js';
import { type SizeName, sizes } from '../../src/qwen/sizes.js';
import { measureInTurn, type Rival, ratioRow, type Side, startRival } from './rival.js';
import { forwardFlop, matmulFlop, matmulTime, row, sizedBatch, sizedMoon, sizedSequence } from './sized.js';
import type { Bench, BenchRow } from './table.js';
import { moonWork, trainingStep } from './training-step.js';

const kinds = ['dense', 'guided'] as const;
type Kind = (typeof kinds)[number];
const parts = (Object.keys(sizes) as SizeName[]).flatMap((size) => kinds.map((kind) => `${size}-${kind}`));
const less = 'ms (less is better)';

/**
 * The compiled step and compiled embedding beside our own operation by operation, PyTorch and torch.compile, size by size, dense and
 * with guided experts; what the first call costs; where the time goes. `bench step:tiny-dense` runs one part.
 */
export const rows: Bench = async ({ python, part }) => {
  if (part && !parts.some((each) => each.startsWith(part))) throw wrongOption('step:PART', part, parts.join(' | '));
  const cache = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  process.env.MOON_CACHE = cache;
  await startEngine();
  const rival = python ? await startRival(python, new URL('./qwen.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  try {
    const table: BenchRow[] = [];
    for (const size of Object.keys(sizes) as SizeName[])
      for (const kind of kinds)
        if (`${size}-${kind}`.startsWith(part ?? '')) table.push(...(await partRows(size, kind, rival)));
    return table;
  } finally {
    rival?.stop();
    await rm(cache, { recursive: true });
  }
};

async function partRows(size: SizeName, kind: Kind, rival: Rival | undefined): Promise<BenchRow[]> {
  const name = `${size} ${kind}`;
  const model = sizedMoon(size, kind);
  const { ids, grid } = sizedSequence(model.network, sizes[size]);
  const { batch, tensors, aspects } = sizedBatch(size, model);
  const open = (compiled: boolean) => trainingStep(moonWork(model, { batch, tensors }), compiled);
  const [eager, compiled, again] = [open(false), open(true), open(true)];
  const request = {
    name,
    config: configToJson(model.network),
    ids,
    grid,
    batch: sizes[size].batch,
    aspects,
    experts: model.experts.kind === 'none' ? undefined : model.experts.blocks,
  };
  const asked = (what: string): Side | undefined =>
    rival && (() => rival.measure(JSON.stringify({ ...request, what })));
  const first = { new: compiled.run(), cached: again.run() };
  const { step: report } = compiled.report();
  again.dispose();
  const steps = await sideRows(`${name}: step`, compiled.run, eager.run, asked('step'), asked('step compiled'), less);
  const flop = 3 * forwardFlop(model.network, sizes[size]);
  const share = steps.measured.ours.map((each, at) => (flop / each) * (steps.measured.matmul[at] / matmulFlop));
  const perSecond = (embed: () => number) => () => (1000 * sizes[size].batch) / embed();
  const embedding = await sideRows(
    `${name}: embedding`,
    perSecond(compiled.embed),
    perSecond(eager.embed),
    asked('embedding'),
    asked('embedding compiled'),
    'sequences/s (more is better)',
  );
  compiled.dispose();
  eager.dispose();
  tf.dispose(tensors);
  return [
    ...steps.table,
    ratioRow(`${name}: step, share of the 1024 matmul's speed`, share, undefined, 'more is better'),
    row(`${name}: first call of a shape`, first.new / 1000, `s (less is better; ${report.operations} operations)`),
    row(`${name}: first call from the disk cache`, first.cached / 1000, 's (less is better)'),
    ...embedding.table,
  ];
}

/** One row a rival; all sides measured in the same blocks. */
async function sideRows(
  name: string,
  ours: Side,
  eager: Side,
  torch: Side | undefined,
  torchCompile: Side | undefined,
  unit: string,
) {
  const sides: Record<string, Side> = { ours, eager, matmul: matmulTime };
  if (torch && torchCompile) Object.assign(sides, { torch, torchCompile });
  // Its first calls compile.
  await torchCompile?.();
  const measured = await measureInTurn(sides);
  const table = [ratioRow(`${name}; rival our eager`, measured.ours, measured.eager, unit)];
  if (torch) table.push(ratioRow(`${name}; rival PyTorch`, measured.ours, measured.torch, unit));
  if (torchCompile) table.push(ratioRow(`${name}; rival torch.compile`, measured.ours, measured.torchCompile, unit));
  return { table, measured };
}
