import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';

/**
 * Keep other processes from writing into a folder until the returned function is called. A lock whose process has ended is
 * taken over.
 * @throws UserError when another process holds it or the folder cannot be written
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const take = () => writeFile(path, String(process.pid), { flag: 'wx' });
  await take().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') {
      throw new UserError(`${folder}: cannot be written (${error.code}); put the data where you may write.`);
    }
    const owner = Number(await readFile(path, 'utf8'));
    if (isAlive(owner)) {
      throw new UserError(`${folder}: process ${owner} is writing here; wait for it, or delete the file 'lock' in it.`);
    }
    await rm(path);
    await take();
  });
  return () => rm(path, { force: true });
}

function isAlive(id: number): boolean {
  if (!(id > 0)) return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
