// One of several processes that race for folders, one after the other. Says that it is ready, waits for the hour that it is told, and
// then takes every folder once. Whoever has a folder leaves it as a killed process does: with a lock of a process that has ended.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { lockFolder } from '../../dist/store/folder-lock.js';

const [folders, dead] = process.argv.slice(2);
process.send('ready');
const hour = await new Promise((resolve) => process.once('message', resolve));
for (const [round, folder] of folders.split(',').entries()) {
  while (Date.now() < hour + round * 400);
  await visit(folder);
}
process.disconnect();

async function visit(folder) {
  for (;;) {
    try {
      await lockFolder(folder);
      break;
    } catch (error) {
      if (error.name !== 'UserError') throw error;
      await setTimeout(1);
    }
  }
  const note = (what) => appendFileSync(join(folder, 'log'), `${what} ${process.pid}\n`);
  note('enter');
  await setTimeout(2);
  note('leave');
  const own = join(folder, `left-${process.pid}`);
  const token = String(process.pid).padStart(32, '0');
  writeFileSync(own, JSON.stringify({ ...JSON.parse(dead), token }));
  renameSync(own, join(folder, 'lock'));
}
