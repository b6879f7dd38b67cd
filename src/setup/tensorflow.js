import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outputOf, run } from './command.js';
import { partialFolder, requireDisk, writeAtomic } from './files.js';
import { buildOf, platformOf } from './platform.js';
import { findPython } from './python.js';
import { SetupError } from './say.js';

export const version = '2.21.0';

/**
 * The TensorFlow build for this machine.
 * @throws SetupError when PyPI has none
 */
export function tensorflowBuild() {
  const platform = platformOf();
  if (!platform)
    throw new SetupError(
      `The native engine is built on Linux (x64, arm64) and macOS (arm64), and this is ${process.platform} ${process.arch}.`,
      'Use Linux, WSL2 or a container for full speed.',
    );
  const gpu = process.env.MOON_ENGINE !== 'native-cpu' && outputOf('nvidia-smi', ['-L'])?.startsWith('GPU');
  return buildOf(platform, version, Boolean(gpu));
}

/** Whether a cached folder contains all files of `complete.json`, with the listed sizes. */
export function isComplete(folder) {
  try {
    const sizes = JSON.parse(readFileSync(join(folder, 'complete.json'), 'utf8'));
    return Object.entries(sizes).every(([file, size]) => statSync(join(folder, file)).size === size);
  } catch {
    return false;
  }
}

/** Download TensorFlow's two libraries and C headers from the wheel on PyPI, unless they are cached. Returns their folder. */
export async function fetchTensorflow(cache, kind, tell) {
  const folder = join(cache, kind.folder);
  if (isComplete(folder)) return folder;
  const python = findPython();
  requireDisk(cache, kind.gpu ? 8 : 1.2, `TensorFlow ${version}`);
  const partial = partialFolder(folder);
  try {
    const wheel = await download(python, kind, partial, tell);
    tell('extracting libraries and headers');
    await extract(python, wheel, partial);
    rmSync(dirname(wheel), { recursive: true });
    if (kind.gpu) await fetchCuda(python, partial, tell);
    const sizes = Object.fromEntries(
      platformOf().libraries.map((file) => [`lib/${file}`, statSync(join(partial, 'lib', file)).size]),
    );
    sizes['include/tensorflow/c/c_api.h'] = statSync(join(partial, 'include/tensorflow/c/c_api.h')).size;
    writeAtomic(join(partial, 'complete.json'), JSON.stringify(sizes));
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

async function download(python, kind, partial, tell) {
  const target = join(partial, 'wheel');
  mkdirSync(target);
  tell(`downloading ${kind.wheel} ${version} (${kind.gigabytes} GB)`);
  const timer = setInterval(
    () => tell(`downloading ${kind.wheel} ${version}: ${megabytes(partial)} of about ${kind.gigabytes * 1000} MB`),
    2000,
  );
  try {
    await run(
      python,
      [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        '--no-cache-dir',
        '--only-binary=:all:',
        '--implementation',
        'cp',
        '--python-version',
        '3.11',
        '--abi',
        'cp311',
        ...kind.tags.flatMap((tag) => ['--platform', tag]),
        '--dest',
        target,
        `${kind.wheel}==${version}`,
      ],
      { env: { ...process.env, TMPDIR: partial, PIP_DISABLE_PIP_VERSION_CHECK: '1' } },
    );
  } catch (error) {
    throw new SetupError(
      `pip could not download ${kind.wheel} ${version}: ${error.message.slice(-300)}.`,
      'Check the network or the package index that pip uses (pip config list), then start again.',
    );
  } finally {
    clearInterval(timer);
  }
  return join(
    target,
    readdirSync(target).find((file) => file.endsWith('.whl')),
  );
}

function megabytes(folder) {
  let bytes = 0;
  for (const entry of existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [])
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  return Math.round(bytes / 1e6);
}

/**
 * Download the CUDA libraries of the wheel's `and-cuda` extra to `../nvidia`, where TensorFlow's libraries look for them. No test covers
 * this.
 */
async function fetchCuda(python, partial, tell) {
  tell('downloading the CUDA libraries (about 3 GB)');
  const names = readFileSync(join(partial, 'cuda.txt'), 'utf8').trim().split('\n');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-cache-dir', '--target', partial, ...names]);
}

async function extract(python, wheel, folder) {
  try {
    await run(python, ['-c', extractor, wheel, folder]);
  } catch (error) {
    throw new SetupError(
      `The downloaded wheel cannot be unpacked: ${error.message.slice(-200)}.`,
      'It was removed: start again to repeat the download, and check the disk if this happens twice.',
    );
  }
}

/** zipfile checks the CRC of each member, so a corrupt download fails here. */
const extractor = `
import sys, zipfile, os, shutil, re
wheel, folder = sys.argv[1:]
keep = re.compile(r'tensorflow/(lib(tensorflow_cc|tensorflow_framework)[.](so[.]2|2[.]dylib)$|include/(tensorflow/(c|core/platform|tsl)|tsl|xla/tsl)/)')
with zipfile.ZipFile(wheel) as z:
    for item in z.infolist():
        if item.is_dir() or not keep.match(item.filename): continue
        name = item.filename[len('tensorflow/'):]
        path = os.path.join(folder, name if name.startswith('include/') else 'lib/' + name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with z.open(item) as source, open(path, 'wb') as target: shutil.copyfileobj(source, target, 1 << 22)
    meta = z.read(next(n for n in z.namelist() if n.endswith('.dist-info/METADATA'))).decode()
    cuda = [m.group(1).replace(' ', '') for m in re.finditer(r'^Requires-Dist: ([^;]+);.*and-cuda', meta, re.M)]
    open(os.path.join(folder, 'cuda.txt'), 'w').write('\\n'.join(cuda))
`;
