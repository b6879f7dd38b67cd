import { freemem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../checks/error.js';
import { checkConfig } from '../../config/check-config.js';
import type { MoonConfig } from '../../config/config.js';
import type { Catalogue } from '../../data/types.js';
import { describeNetwork } from '../../encoder/start-network.js';
import { forkEngine } from '../../engine/fork-engine.js';
import { longCall } from '../../engine/long-call.js';
import { settings } from '../../engine/settings.js';
import { summarised } from '../../engine/summary.js';
import { type BlockKind, type Blocks, blockKinds, blocksOf, withBlocks } from './blocks.js';
import type { Probe, ProbeRequest } from './probe.js';

/** What a run would take on this machine. */
export interface Forecast {
  /** Numbers that the run trains, and those that stay as they are. */
  trained: number;
  frozen: number;
  steps: number;
  /** Of one update, and of all of them, without checkpoints and scores. */
  secondsPerStep: number;
  seconds: number;
  /** Peak memory of the process, and what this machine has left, in bytes. */
  memory: number;
  available: number;
  fits: boolean;
  /** Settings with which the run would fit, with their peak memory; empty if it fits. */
  remedies: { setting: string; memory: number }[];
}

export interface ForecastOptions {
  signal?: AbortSignal;
  /** File that the processes run instead of the built one. */
  entry?: string;
  /** Memory to fit in, in bytes. Default what the machine has left. */
  available?: number;
}

/** More products than a step can use: samplers take them from all, and the forecast needs its typical texts alone. */
const PRODUCTS = 2000;

/**
 * Forecast parameters, time and memory of a run without loading its weights or pictures. Networks of one to five blocks of each kind are
 * trained for a few updates, each in a process of its own; what a block adds is then counted for all of them.
 * @throws UserError for a config or a folder that does not fit, or a network of which not even one block fits
 */
export async function forecast(
  config: MoonConfig,
  catalogue: Catalogue,
  { signal, entry, available = process.availableMemory?.() ?? freemem() }: ForecastOptions = {},
): Promise<Forecast> {
  checkConfig(config);
  const file = entry ?? fileURLToPath(new URL('./probe-process.js', import.meta.url));
  const { model, tokenizer } = describeNetwork(config, catalogue);
  const shown = { tokenizer: tokenizer.json, catalogue: typical(catalogue) };
  const { steps } = config.optimizer;
  return longCall(signal, async (call) => {
    const estimate = (changed: MoonConfig) =>
      extrapolated(blocksOf(model), (blocks, done, total) => {
        call.signal.throwIfAborted();
        call.show({ label: 'forecast', done, total });
        return inProcess(file, { ...withBlocks(changed, model, blocks), ...shown }, call.signal);
      });
    const { whole, of } = await estimate(config);
    const memory = peak(whole);
    const fits = memory <= available;
    const found: Forecast = {
      trained: Math.round(whole.trained),
      frozen: Math.round(whole.parameters - whole.trained),
      steps,
      secondsPerStep: whole.seconds,
      seconds: steps * whole.seconds,
      memory,
      available,
      fits,
      remedies: fits ? [] : await remedies(config, available, of, estimate),
    };
    return summarised(found, forecastText);
  });
}

/** What `forecast` forecasts, measured on the whole network with random weights, in a process of its own. For benchmarks. */
export async function measureWhole(
  config: MoonConfig,
  catalogue: Catalogue,
  entry = fileURLToPath(new URL('./probe-process.js', import.meta.url)),
): Promise<Probe> {
  const { model, tokenizer } = describeNetwork(config, catalogue);
  const request = { config, model, tokenizer: tokenizer.json, catalogue: typical(catalogue) };
  return inProcess(entry, request, new AbortController().signal);
}

type Estimate = { whole: Probe; of(blocks: Partial<Blocks>): Probe };

const peak = ({ opened, updated }: Probe) => Math.max(opened, updated);

/** How many blocks more a second network has: what a few blocks add is less uncertain than what one adds. */
const MORE = 4;

/** Measure one block of each kind, and a few more of each; count on. */
async function extrapolated(
  full: Blocks,
  measure: (blocks: Blocks, done: number, total: number) => Promise<Probe>,
): Promise<Estimate> {
  const base = Object.fromEntries(blockKinds.map((kind) => [kind, Math.min(1, full[kind])])) as Blocks;
  const more = blockKinds.filter((kind) => full[kind] > base[kind]);
  const total = 1 + more.length;
  const first = await measure(base, 0, total);
  const added: [kind: BlockKind, perBlock: Probe][] = [];
  for (const [at, kind] of more.entries()) {
    const count = Math.min(MORE, full[kind] - base[kind]);
    const larger = await measure({ ...base, [kind]: base[kind] + count }, 1 + at, total);
    added.push([kind, mapProbe((name) => Math.max(0, larger[name] - first[name]) / count)]);
  }
  const of = (blocks: Partial<Blocks>) =>
    mapProbe((name) =>
      added.reduce((sum, [kind, each]) => sum + each[name] * ((blocks[kind] ?? full[kind]) - base[kind]), first[name]),
    );
  return { whole: of({}), of };
}

function mapProbe(of: (name: keyof Probe) => number): Probe {
  const names = ['seconds', 'opened', 'updated', 'trained', 'parameters'] as const;
  return Object.fromEntries(names.map((name) => [name, of(name)])) as unknown as Probe;
}

/** What would make a run fit: recomputed blocks, and fewer blocks of a published network or a smaller step of a new one. */
async function remedies(
  config: MoonConfig,
  available: number,
  of: Estimate['of'],
  estimate: (config: MoonConfig) => Promise<Estimate>,
): Promise<Forecast['remedies']> {
  const found: Forecast['remedies'] = [];
  if (!config.engine.checkpoint) {
    const { whole } = await estimate({ ...config, engine: { ...config.engine, checkpoint: true } });
    if (peak(whole) <= available) found.push({ setting: 'engine.checkpoint=true', memory: peak(whole) });
  }
  if ('from' in config.network && config.experts.kind === 'none') {
    for (let blocks = config.network.blocks ?? 128; blocks >= 1; blocks--) {
      const memory = peak(of({ dense: blocks }));
      if (memory > available) continue;
      found.push({ setting: `network.blocks=${blocks}`, memory });
      break;
    }
  }
  for (let products = config.sampler.products >> 1; found.length < 2 && products >= 2; products >>= 1) {
    const { whole } = await estimate({ ...config, sampler: { ...config.sampler, products } });
    if (peak(whole) <= available) found.push({ setting: `sampler.products=${products}`, memory: peak(whole) });
  }
  return found.slice(0, 2);
}

/** @throws UserError for a run that does not fit, with the settings that would make it fit */
export function requireFit({ fits, memory, available, remedies }: Forecast): void {
  if (fits) return;
  const ways = remedies.map((each) => `--set ${each.setting} (${gigabytes(each.memory)})`).join(', or ');
  throw new UserError(
    `This run would take ${gigabytes(memory)} at its peak, and this machine has ${gigabytes(available)} left. ${ways ? `It would fit with ${ways}.` : 'Take a smaller network, or a larger machine.'}`,
  );
}

/** Products with what a sampler needs. Drawn pictures are functions, which cannot be sent to another process. */
function typical(catalogue: Catalogue): Catalogue {
  const asked = new Set(catalogue.pairs.flatMap(({ product, split }) => (split === 'train' ? [product] : [])));
  const products = catalogue.products.filter(({ id }) => asked.has(id)).slice(0, PRODUCTS);
  const known = new Set(products.map(({ id }) => id));
  const file = { kind: 'file', path: '' } as const;
  return {
    ...catalogue,
    products: products.map((product) => ({
      ...product,
      images: product.images.map((image) => ({ ...image, source: file })),
    })),
    pairs: catalogue.pairs
      .filter(({ product, split }) => split === 'train' && known.has(product))
      .map(({ query, ...pair }) => ({
        ...pair,
        query: query.image ? { ...query, image: { ...query.image, source: file } } : query,
      })),
  };
}

function inProcess(file: string, request: ProbeRequest, signal: AbortSignal): Promise<Probe> {
  const child = forkEngine(file, settings.threads);
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  return new Promise<Probe>((resolve, reject) => {
    const fail = (how: string) =>
      reject(new UserError(`Forecast: a network of a few blocks could not be trained (${how}). Take a smaller one.`));
    child.on('message', (answer: Probe | { error: string }) =>
      'error' in answer ? fail(answer.error) : resolve(answer),
    );
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, by) => fail(by ?? `code ${code}`));
    child.send(request as unknown as object, () => {});
  }).finally(() => signal.removeEventListener('abort', stop));
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** A forecast in a few lines. */
export function forecastText(found: Forecast): string {
  const { trained, frozen, steps, secondsPerStep, seconds, memory, available, remedies } = found;
  const count = (numbers: number) => numbers.toLocaleString('en');
  const minutes = seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
  return [
    `Forecast: ${count(trained)} parameters trained, ${count(frozen)} frozen`,
    `  ${secondsPerStep.toPrecision(2)} s a step, ${minutes} for ${count(steps)} steps; ${gigabytes(memory)} of memory at the peak, ${gigabytes(available)} left on this machine`,
    ...remedies.map((each) => `  does not fit; with --set ${each.setting} it would take ${gigabytes(each.memory)}`),
  ].join('\n');
}
