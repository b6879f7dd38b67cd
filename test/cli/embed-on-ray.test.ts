import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { dataFolder, picture } from '../data/data-folder.js';
import { rayPython } from '../needs.js';

const bin = resolve('src/setup/bin.js');

/** A shop of few products, and a tiny untrained network. */
async function place(): Promise<string> {
  const ids = Array.from({ length: 12 }, (_, at) => `p${at}`);
  const photos = await Promise.all(ids.map(async (id, at) => [`shop/${id}.jpg`, await picture(at)] as const));
  const rows = ids.map((id, at) => `${id},Cup ${at},${id}.jpg`);
  return dataFolder({ 'shop/products.csv': ['id,title,image', ...rows].join('\n'), ...Object.fromEntries(photos) });
}

/** Kill the Ray worker above a process whose command line holds all of these words, once. @returns whether it was killed */
function killWorkerOf(...words: string[]): boolean {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!words.every((word) => line.includes(word))) continue;
      process.kill(Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[3]), 'SIGKILL');
      return true;
    } catch {
      // It ended meanwhile.
    }
  }
  return false;
}

test('embed on Ray, a worker killed on the way, writes the bytes of one process', {
  tags: ['ray', 'built'],
  timeout: 300_000,
}, async () => {
  const folder = await place();
  const at = (name: string) => join(folder, name);
  const config = { base: 'grocery', network: { size: 'nano', depth: 1 }, imageSize: 32, region: { kind: 'centre' } };
  writeFileSync(at('config.json'), JSON.stringify(config));
  const embed = (out: string, ...more: string[]) =>
    promisify(execFile)(process.execPath, [
      ...[bin, 'embed', '--config', at('config.json'), '--data', at('shop'), '--out', at(out)],
      ...more,
    ]);
  await embed('one.parquet');

  let killed = false;
  const watching = setInterval(() => {
    killed ||= killWorkerOf(at('two.parquet'), '--shard');
  }, 20);
  await embed('two.parquet', '--on', 'ray', '--python', rayPython, '--workers', '2');
  clearInterval(watching);
  expect(killed).toBe(true);
  expect(readFileSync(at('two.parquet')).equals(readFileSync(at('one.parquet')))).toBe(true);
  expect(existsSync(`${at('two.parquet')}.parts`)).toBe(false);
});
