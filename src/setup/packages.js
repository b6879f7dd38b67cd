import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.js';
import { clearStamp, hashOf, readStamp, writeStamp } from './files.js';
import { root } from './paths.js';
import { SetupError } from './say.js';

const wanted = () => ({
  lock: hashOf([join(root, 'package-lock.json')]),
  platform: `${process.platform}-${process.arch}`,
});

export function packagesReady() {
  const stamp = readStamp('packages');
  return (
    JSON.stringify(stamp) === JSON.stringify(wanted()) && existsSync(join(root, 'node_modules/.package-lock.json'))
  );
}

/** Install exactly the packages of the lockfile, without install scripts: one of these downloads a TensorFlow that many networks block. */
export async function installPackages(tell) {
  clearStamp('packages');
  tell('npm ci --ignore-scripts');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  try {
    await run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: root,
      shell: process.platform === 'win32',
    });
  } catch (error) {
    throw new SetupError(
      `npm could not install the packages: ${error.message.slice(-400)}.`,
      'Check the network and the disk, then start again.',
    );
  }
  writeStamp('packages', wanted());
}
