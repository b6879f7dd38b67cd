import { lstat, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import { longCall } from '../../engine/long-call.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { DownloadError, type DownloadLimits } from '../../store/download.js';
import { lockFolder } from '../../store/folder-lock.js';
import { groupBy } from '../group-by.js';
import { inParallel } from '../in-parallel.js';
import { type Downloaded, downloadImage, examineImage } from './download-image.js';
import { FETCHED, nameOfUrl, type RemoteImage } from './remote-image.js';

const INDEX = 'index.json';

export interface FetchOptions extends Partial<DownloadLimits> {
  /** Number of parallel downloads (default 8). */
  concurrency?: number;
  /** Called after each image. */
  onProgress?: (done: number, of: number) => void;
}

export interface FetchReport {
  /** Distinct URLs: downloaded + cached + failed. */
  urls: number;
  downloaded: number;
  /** Already downloaded by an earlier call. */
  cached: number;
  /** Bytes downloaded by this call. */
  bytes: number;
  /** One entry per row. */
  failed: (RemoteImage & { reason: string })[];
}

/** The content of `index.json`: file name -> image. */
type FetchIndex = Record<string, Downloaded & { url: string }>;

/**
 * Download missing images into the data folder (see `cachedImage`) in parallel, and record size and SHA-256 of each in
 * `.moon/images/index.json`. A failed download does not stop the others: the report lists it with the row that names the URL. A later call
 * retries failed images, and resumes an interrupted call.
 * @param root the data folder; empty for generated data, which have no URLs
 * @throws UserError if the folder cannot be written or another process is downloading into it
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
      const image = there ?? (await downloadImage(url, target, limits));
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

/** A write error such as a full disk would affect all further images too, so it becomes a UserError. Other errors pass through. */
function cannotWrite(path: string, error: unknown): unknown {
  const code = error instanceof Error && (error as NodeJS.ErrnoException).code;
  return code
    ? new UserError(`${path}: cannot be written (${code}). Free disk space or remove the existing file.`)
    : error;
}

/** Size, hash and format of a cached file. Read from the file if it is not in the index, which an interrupted call may not have written. */
async function cached(path: string, known: Downloaded | undefined): Promise<Downloaded | undefined> {
  const file = await lstat(path).catch(() => null);
  if (!file?.isFile()) return undefined;
  if (known) return file.size === known.bytes ? known : undefined;
  return examineImage(path).catch(() => undefined);
}

/** Create the cache folder. Symbolic links on the way are refused: a downloaded data set could redirect our files through them. */
async function openCache(root: string): Promise<string> {
  let folder = root;
  for (const name of FETCHED) {
    folder = join(folder, name);
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') {
        throw new UserError(
          `${folder}: cannot be created (${error.code}). Move the data to a folder that you may write to.`,
        );
      }
    });
    if (!(await lstat(folder)).isDirectory()) throw new UserError(`${folder}: is not a plain folder. Remove it.`);
  }
  return folder;
}

async function readIndex(folder: string): Promise<FetchIndex> {
  try {
    return JSON.parse(await readFile(join(folder, INDEX), 'utf8')) ?? {};
  } catch {
    return {}; // missing or damaged: the files are examined again
  }
}

function writeIndex(folder: string, index: FetchIndex): void {
  writeFileAtomic(join(folder, INDEX), `${JSON.stringify(index, null, 1)}\n`);
}
