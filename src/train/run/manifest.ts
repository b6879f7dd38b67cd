import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../checks/error.js';
import { requirePath } from '../../checks/missing-path.js';
import type { MoonConfig } from '../../config/config.js';
import { dataHash } from '../../data/data-hash.js';
import { countFound, type Found } from '../../data/found.js';
import type { Catalogue } from '../../data/types.js';
import { codeVersion } from '../../engine/compile/graph-cache.js';
import { describeEngine, type EngineDescription } from '../../engine/engine.js';
import { flagDefaults, tensorflowFlags } from '../../engine/tensorflow-flags.js';
import type { RegionReport } from '../../pictures/picture-store.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { readJsonFile } from '../../store/json-file.js';
import { checkRunFile, removeRunChecksums } from '../../store/run-checksums.js';
import type { Provenance } from './provenance.js';

/** The manifest of a run: its status, everything that its results depend on, and when it ran. */
export interface Manifest {
  status: 'running' | 'stopped' | 'finished';
  config: MoonConfig;
  /** The path of the data as given by the user, and their hash. `fold` is the fold left out of training, counted from 1. */
  data: { path: string; hash: string; fold?: number };
  /** Counts of what was found in the data and what is missing. */
  found: Found;
  /** Unreadable images (id -> reason), and a report on the core regions. Set once images were read. */
  pictures?: { missing: Record<string, string>; regions: RegionReport };
  /** What was generated for the products of training, in words; `enriched.json` lists what was dropped. */
  enriched?: string;
  /** SHA-256 of the files of the published networks that the config names, by setting (`publishedParts`). */
  parts?: Record<string, string>;
  engine: EngineDescription;
  /** Environment variables that TensorFlow reads (`tensorflowFlags`). */
  flags: Record<string, string>;
  versions: Record<string, string>;
  /** Hash of moon-lab's code, and its commit if it is a git clone. */
  code: string;
  commit?: string;
  machine: { platform: string; arch: string; cpu: string; cores: number; memory: number };
  /** Names of the workers that share the steps, with their machines; absent for one process. */
  workers?: string[];
  started: string;
  finished?: string;
}

const file = (run: string) => join(run, 'manifest.json');

export function describeRun(config: MoonConfig, catalogue: Catalogue, dataPath: string, fold?: number): Manifest {
  const engine = describeEngine();
  return {
    status: 'running',
    config,
    data: { path: dataPath, hash: dataHash(catalogue), ...(fold ? { fold } : {}) },
    found: countFound(catalogue),
    engine,
    flags: tensorflowFlags(process.env),
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

/** Write the manifest of a run. Removes the run's checksums, because other files will change too. */
export function writeManifest(run: string, manifest: Manifest): void {
  removeRunChecksums(run);
  writeFileAtomic(file(run), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Read the manifest of a run.
 * @throws UserError for a folder that is missing or not a run folder, and for a damaged manifest
 */
export function readManifest(run: string): Manifest {
  requirePath(run);
  if (!existsSync(file(run)))
    throw new UserError(
      `${run}: is not a run folder (it has no manifest.json). Give a folder that moon-lab train wrote.`,
    );
  checkRunFile(run, 'manifest.json');
  const manifest = readJsonFile(file(run), 'train again') as Manifest;
  // Earlier versions of moon-lab recorded every variable with the prefix of a TensorFlow flag, including tokens of other tools.
  return { ...manifest, flags: tensorflowFlags(manifest.flags ?? {}) };
}

export const isRun = (folder: string) => existsSync(file(folder));

/** The provenance of a run: everything that its results depend on. */
export function provenanceOf({ config, data, engine, flags, machine, code }: Manifest): Provenance {
  const { backend, tensorflow, threads } = engine;
  return {
    config,
    data: data.hash,
    backend,
    tensorflow,
    threads,
    // Flags that the engine sets at its start may be missing in a manifest written before.
    flags: { ...flagDefaults, ...flags },
    machine: machine.cpu,
    code,
  };
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
