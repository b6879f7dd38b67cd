import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import { dataHash } from '../../data/data-hash.js';
import type { Catalogue } from '../../data/types.js';
import { codeVersion } from '../../engine/compile/graph-cache.js';
import { describeEngine, type EngineDescription } from '../../engine/engine.js';
import type { RegionReport } from '../../pictures/picture-store.js';
import { readJsonFile } from '../../store/json-file.js';
import { writeWhole } from '../../store/write-whole.js';
import { checkListed, unlistRun } from './run-checksums.js';

/** All that a run's digits depend on, and when it ran. */
export interface Manifest {
  status: 'running' | 'stopped' | 'finished';
  config: MoonConfig;
  /** Where the data were, as the user named it, and what they were; `fold` counts from 1 and was left out of training. */
  data: { path: string; hash: string; fold?: number };
  /** Images that could not be read, by id with the reason, and how the core regions came out; known once pictures are read. */
  pictures?: { missing: Record<string, string>; regions: RegionReport };
  engine: EngineDescription;
  /** Environment that TensorFlow reads. */
  flags: Record<string, string>;
  versions: Record<string, string>;
  /** Hash of moon-lab's own code, and its commit where it is a clone. */
  code: string;
  commit?: string;
  machine: { platform: string; arch: string; cpu: string; cores: number; memory: number };
  started: string;
  finished?: string;
}

const file = (run: string) => join(run, 'manifest.json');

export function describeRun(config: MoonConfig, catalogue: Catalogue, dataPath: string, fold?: number): Manifest {
  const flags = Object.entries(process.env).filter(([name]) => /^(TF_|XLA_|ONEDNN_|DNNL_)/.test(name));
  return {
    status: 'running',
    config,
    data: { path: dataPath, hash: dataHash(catalogue), ...(fold ? { fold } : {}) },
    engine: describeEngine(),
    flags: Object.fromEntries(flags.sort()) as Record<string, string>,
    versions: versions(),
    code: codeVersion(),
    ...commit(),
    machine: {
      platform: platform(),
      arch: arch(),
      cpu: cpus()[0]?.model.trim() ?? '',
      cores: cpus().length,
      memory: totalmem(),
    },
    started: new Date().toISOString(),
  };
}

/** Write what a run is now. Its checksums are forgotten: files that go with it follow. */
export function writeManifest(run: string, manifest: Manifest): void {
  unlistRun(run);
  writeWhole(file(run), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws UserError for a folder that is not a run folder, and for a damaged manifest */
export function readManifest(run: string): Manifest {
  if (!existsSync(file(run)))
    throw new UserError(
      `${run}: is not a run folder (it has no manifest.json). Give a folder that moon-lab train wrote.`,
    );
  checkListed(run, 'manifest.json');
  return readJsonFile(file(run), 'train again') as Manifest;
}

export const isRun = (folder: string) => existsSync(file(folder));

/** What decides the digits of a run, by the name under which a difference can be allowed. */
const grounds: Record<string, (manifest: Manifest) => unknown> = {
  config: ({ config }) => config,
  data: ({ data }) => data.hash,
  engine: ({ engine }) => engine.backend,
  tensorflow: ({ engine }) => engine.tensorflow,
  threads: ({ engine }) => engine.threads,
  flags: ({ flags }) => flags,
  machine: ({ machine }) => machine.cpu,
  code: ({ code }) => code,
};

/** The first of what decides a run's digits in which two runs differ, and what it was and is where that is short. */
export function groundDifference(
  was: Manifest,
  now: Manifest,
  allow: readonly string[] = [],
): { name: string; values: string } | undefined {
  for (const [name, of] of Object.entries(grounds)) {
    const [before, after] = [JSON.stringify(of(was)), JSON.stringify(of(now))];
    if (before === after || allow.includes(name)) continue;
    return { name, values: before.length + after.length < 200 ? ` (${before} then, ${after} now)` : '' };
  }
  return undefined;
}

/**
 * Whether a run that goes on now would give the digits of the one that stopped.
 * @param allow names of differences that are accepted
 * @throws UserError with the first difference and how to accept it
 */
export function checkSameGround(was: Manifest, now: Manifest, allow: readonly string[] = []): void {
  const difference = groundDifference(was, now, allow);
  if (!difference) return;
  const { name, values } = difference;
  throw new UserError(
    `The run cannot resume bit for bit: ${name} differs${values}. Restore it, or accept other digits with --allow ${name}.`,
  );
}

function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const of = (name: string) => (require(name) as { version: string }).version;
  const own = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return { node: process.version, 'moon-lab': own.version, tfjs: of('@tensorflow/tfjs-core/package.json') };
}

function commit(): { commit?: string } {
  try {
    const cwd = fileURLToPath(new URL('../../..', import.meta.url));
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return {
      commit: execFileSync('git', ['rev-parse', 'HEAD'], { cwd, stdio: [...stdio] })
        .toString()
        .trim(),
    };
  } catch {
    return {};
  }
}
