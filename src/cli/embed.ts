import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../checks/error.js';
import { moonLabCommand, runOnRay } from '../cluster/ray.js';
import { countFound } from '../data/found.js';
import { groupBy } from '../data/group-by.js';
import type { Catalogue, Split } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import { startEngine } from '../engine/engine.js';
import { settings } from '../engine/settings.js';
import { type EmbeddedFile, embedCatalogue, type Shard } from '../evaluate/embed/embed-catalogue.js';
import { type EmbedSource, frozenSource, networkSource } from '../evaluate/embed/embed-source.js';
import { progressBar } from '../notebook/progress.js';
import { writerOf } from '../search/files/embedding-file.js';
import { dataOfRun, openNetworks } from './open-networks.js';
import { refuseInside } from './places.js';
import { foundPrinter } from './print-found.js';

export interface EmbedVerbOptions {
  run?: string;
  config?: string;
  model?: string;
  data?: string;
  out: string;
  queries?: Split;
  shard?: Shard;
  on: 'here' | 'ray';
  workers?: number;
  python?: string;
  address?: string;
  json: boolean;
}

/** Ids without a vector that are named for each reason. */
const NAMED = 3;

/** Embed a catalogue into files, here or on a Ray cluster. @throws UserError for a wrong source, data or place */
export async function runEmbed(given: EmbedVerbOptions): Promise<void> {
  const { out, shard, queries, json } = given;
  // Before anything is read.
  writerOf(out, '--out');
  const data = given.data ?? dataOfRun(given.run!);
  refuseInside(out, data, '--out');
  if (given.on === 'ray') await embedOnRay(given, data);
  await startEngine();
  const { catalogue, source, dispose } = await openSource(given, data);
  const say = json ? console.error : console.log;
  foundPrinter(say)(countFound(catalogue));
  const bar = progressBar();
  try {
    const written = await embedCatalogue(source, catalogue, { out, queries, shard, onProgress: bar.show });
    bar.end();
    if (json) console.log(JSON.stringify(written));
    else
      for (const line of shard ? [`shard ${shard.index + 1} of ${shard.of} is done`] : written.flatMap(lines))
        say(line);
  } finally {
    bar.end();
    dispose();
  }
}

/** Each share is a task of its own, several a worker, so that little is lost with one. What is left is done here. */
async function embedOnRay(given: EmbedVerbOptions, data: string): Promise<void> {
  const { out, queries, run, config, model, python, address, workers = 4 } = given;
  const paths = Object.entries({ run, data, out }).flatMap(([name, path]) =>
    path === undefined ? [] : [`--${name}`, resolve(path)],
  );
  const others = Object.entries({
    config: config && existsSync(config) ? resolve(config) : config,
    model,
    queries,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  const failed: string[] = [];
  const bar = progressBar();
  let done = 0;
  try {
    await runOnRay([...moonLabCommand, 'embed', ...paths, ...others, '--shard'], 1, {
      python,
      address,
      cpus: settings.threads,
    })(
      Array.from({ length: workers }, (_, at) => `${at + 1}/${workers}`),
      {
        onProgress: (_, { label }) => bar.show({ label, done, total: workers }),
        onEnd(task, outcome) {
          if (outcome.kind === 'failed') failed.push(`${task}: ${outcome.why}`);
          bar.show({ label: 'shares on Ray', done: ++done, total: workers });
        },
      },
    );
  } finally {
    bar.end();
  }
  if (failed.length)
    throw new UserError(`--on ray: ${failed.length} of ${workers} shares failed: ${failed.join('; ')}`);
}

async function openSource({ run, config, model }: EmbedVerbOptions, data: string): Promise<Opened> {
  if (model !== undefined)
    return { catalogue: await openCatalogue(data), source: await frozenSource(model), dispose: () => {} };
  const { catalogue, groups } = await openNetworks({ run: run === undefined ? [] : [run], config, data });
  const [encoder] = groups[0].networks;
  return { catalogue, source: await networkSource(encoder), dispose: () => encoder.parameters.dispose() };
}

interface Opened {
  catalogue: Catalogue;
  source: EmbedSource;
  dispose(): void;
}

function lines({ file, rows, width, left }: EmbeddedFile): string[] {
  const reasons = [...groupBy(left, ([, reason]) => reason)].map(([reason, own]) => {
    const named = own.slice(0, NAMED).map(([id]) => id);
    return `  ${own.length} without a vector, ${reason}: ${named.join(', ')}${own.length > NAMED ? ' ...' : ''}`;
  });
  return [`${file}: ${rows} vectors of width ${width}`, ...reasons];
}
