import { lstat, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import { longCall } from '../../engine/long-call.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { lockFolder } from '../../store/folder-lock.js';
import { groupBy } from '../group-by.js';
import { inParallel } from '../in-parallel.js';
import { DownloadError, type Downloaded, type DownloadLimits, download, examine } from './download.js';
import { FETCHED, nameOfUrl, type RemoteImage } from './remote-image.js';

const INDEX = 'index.json';

export interface FetchOptions extends Partial<DownloadLimits> {
  /** How many downloads run together (default 8). */
  concurrency?: number;
  /** Called after each image. */
  onProgress?: (done: number, of: number) => void;
}

export interface FetchReport {
  /** Distinct URLs: downloaded + cached + those that failed. */
  urls: number;
  downloaded: number;
  /** Were there already. */
  cached: number;
  /** Downloaded now. */
  bytes: number;
  /** One entry a row. */
  failed: (RemoteImage & { reason: string })[];
}

/** What `index.json` of the cache says of each file. */
type FetchIndex = Record<string, Downloaded & { url: string }>;

/**
 * Download what is not there yet into the data folder (see `cachedImage`), many at once, and note size and SHA-256 of each
 * in `.moon/images/index.json`. A failure stops nothing: it is in the report, with the row that names the URL. A later call
 * tries the failed ones again, and an interrupted call is continued by the next.
 *
 * @param root the data folder; empty for generated data, which name no URLs
 * @throws UserError when the folder cannot be written or another process is fetching into it
 */
export async function fetchImages(
  root: string,
  images: readonly RemoteImage[],
  { concurrency = 8, onProgress, ...given }: FetchOptions = {},
): Promise<FetchReport> {
  if (!root) return { urls: 0, downloaded: 0, cached: 0, bytes: 0, failed: [] };
  const limits = { maxBytes: 20e6, retries: 4, backoffMs: 500, idleMs: 30_000, attemptMs: 300_000, ...given };
  const folder = await openCache(root);
  const lock = await lockFolder(folder);
  const index = await readIndex(folder);
  const rows = groupBy(images, ({ url }) => url);
  const report: FetchReport = { urls: rows.size, downloaded: 0, cached: 0, bytes: 0, failed: [] };
  let done = 0;

  async function fetchOne(url: string): Promise<void> {
    const name = nameOfUrl(url);
    const target = join(folder, name);
    const there = await cached(target, index[name]);
    try {
      const image = there ?? (await download(url, target, limits));
      index[name] = { url, ...image };
      if (there) report.cached++;
      else {
        report.downloaded++;
        report.bytes += image.bytes;
      }
    } catch (error) {
      if (!(error instanceof DownloadError)) throw cannotWrite(target, error);
      for (const row of rows.get(url) ?? []) report.failed.push({ ...row, reason: error.message });
    }
    onProgress?.(++done, rows.size);
  }

  try {
    await longCall(undefined, ({ signal, show }) =>
      inParallel([...rows.keys()], concurrency, async (url) => {
        signal.throwIfAborted();
        lock.check();
        await fetchOne(url);
        show({ label: 'downloads', done, total: rows.size });
      }),
    );
  } finally {
    try {
      writeIndex(folder, index);
    } finally {
      lock.release();
    }
  }
  return report;
}

/** A full disk, a name that is taken: no image after it would fare better. Errors of ours pass through. */
function cannotWrite(path: string, error: unknown): unknown {
  const code = error instanceof Error && (error as NodeJS.ErrnoException).code;
  return code ? new UserError(`${path}: cannot be written (${code}); make room or remove what is there.`) : error;
}

/** What is known of a file of the cache; looked at again when the index has lost it (an interrupted call writes none). */
async function cached(path: string, known: Downloaded | undefined): Promise<Downloaded | undefined> {
  const file = await lstat(path).catch(() => null);
  if (!file?.isFile()) return undefined;
  if (known) return file.size === known.bytes ? known : undefined;
  return examine(path).catch(() => undefined);
}

/** Make the folder. A symbolic link on the way is refused: a downloaded data set could send our files anywhere by it. */
async function openCache(root: string): Promise<string> {
  let folder = root;
  for (const name of FETCHED) {
    folder = join(folder, name);
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') {
        throw new UserError(`${folder}: cannot be made (${error.code}); put the data where you may write.`);
      }
    });
    if (!(await lstat(folder)).isDirectory())
      throw new UserError(`${folder}: got no plain folder; remove what is there.`);
  }
  return folder;
}

async function readIndex(folder: string): Promise<FetchIndex> {
  try {
    return JSON.parse(await readFile(join(folder, INDEX), 'utf8')) ?? {};
  } catch {
    return {}; // missing or damaged: the files themselves are looked at again
  }
}

function writeIndex(folder: string, index: FetchIndex): void {
  writeFileAtomic(join(folder, INDEX), `${JSON.stringify(index, null, 1)}\n`);
}
