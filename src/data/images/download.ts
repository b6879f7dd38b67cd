import { createHash } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { discardPart, findPart, openPlain, startPart } from '../../store/partial-file.js';
import { FORMAT_BYTES, type ImageFormat, imageFormat } from './image-file.js';

export interface DownloadLimits {
  /** Maximum size of an image. Checked against the announced size and against the bytes received. */
  maxBytes: number;
  /** How often a transient failure (a 5xx status, a broken connection, a timeout) is retried. */
  retries: number;
  /** Delay before the first retry. It doubles each time, unless the server asks for a longer one. */
  backoffMs: number;
  /** An attempt ends if no byte arrives for this long ... */
  idleMs: number;
  /** ... or after this long in total; the next attempt resumes it. */
  attemptMs: number;
}

/** Size, hash and format of a downloaded image. */
export interface Downloaded {
  bytes: number;
  sha256: string;
  format: ImageFormat;
}

/** Why a download failed. The message is shown in the report. */
export class DownloadError extends Error {
  override name = 'DownloadError';
  /** @param waitMs set if a retry may succeed: the minimum delay that the server asks for, or 0 */
  constructor(
    reason: string,
    readonly waitMs?: number,
  ) {
    super(reason);
  }
}

const MAX_REDIRECTS = 5;
const MAX_WAIT_MS = 60_000;

/**
 * Download one image to `target`, over http or https only, including redirects. Bytes are collected in `target.part`, which is renamed when
 * the image is complete. A partial file of an earlier attempt or process is resumed if the server still has the same image.
 * @throws DownloadError if the image cannot be downloaded
 */
export async function download(url: string, target: string, limits: DownloadLimits): Promise<Downloaded> {
  const address = webAddress(url);
  for (let tried = 0; ; tried++) {
    try {
      await attempt(address, target, limits);
      const image = await examine(`${target}.part`);
      // Not flushed to disk: a file truncated by a power failure does not have the size in the index, and is downloaded again.
      await rename(`${target}.part`, target);
      await rm(`${target}.etag`, { force: true });
      return image;
    } catch (error) {
      const failure = asDownloadError(error);
      if (failure.waitMs === undefined || tried === limits.retries) {
        const resumable = failure.waitMs !== undefined && (await findPart(target)).bytes > 0;
        if (!resumable) await discardPart(target);
        throw failure;
      }
      await sleep(Math.min(Math.max(limits.backoffMs * 2 ** tried, failure.waitMs), MAX_WAIT_MS));
    }
  }
}

/**
 * Read size, hash and format of a complete file.
 * @throws DownloadError if it is not an image
 */
export async function examine(path: string): Promise<Downloaded> {
  const data = await readFile(path);
  const format = imageFormat(data);
  if (!format) throw new DownloadError('not an image');
  return { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex'), format };
}

function webAddress(url: string, base?: URL): URL {
  if (!URL.canParse(url, base?.href)) throw new DownloadError('not a URL');
  const address = new URL(url, base);
  if (!['http:', 'https:'].includes(address.protocol)) {
    throw new DownloadError(
      `${base ? 'redirected to ' : ''}${address.protocol} is refused, only http and https are read`,
    );
  }
  if (address.username || address.password) throw new DownloadError('a URL with a name and password is refused');
  return address;
}

async function attempt(address: URL, target: string, limits: DownloadLimits): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new DownloadError('no data arrived for too long', 0)), limits.idleMs);
  const signal = AbortSignal.any([silence.signal, AbortSignal.timeout(limits.attemptMs)]);
  try {
    const part = await findPart(target);
    const headers = new Headers({ 'accept-encoding': 'identity' });
    if (part.bytes > 0) {
      headers.set('range', `bytes=${part.bytes}-`);
      headers.set('if-range', part.etag);
    }
    const response = await follow(address, headers, signal);
    const start = await checkAnswer(response, part.bytes, target, limits);
    await save(response, start, target, limits, () => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

/** Follow redirects one by one, to check each address before requesting it. */
async function follow(address: URL, headers: Headers, signal: AbortSignal): Promise<Response> {
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await fetch(address, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    address = webAddress(location, address);
  }
  throw new DownloadError(`more than ${MAX_REDIRECTS} redirects`);
}

/**
 * The offset in the image at which the response starts.
 * @throws DownloadError if the response cannot be used
 */
async function checkAnswer(response: Response, have: number, target: string, limits: DownloadLimits): Promise<number> {
  const refuse = async (reason: string, waitMs?: number) => {
    await response.body?.cancel();
    return new DownloadError(reason, waitMs);
  };
  const { status, headers } = response;
  if (status === 416) {
    await discardPart(target);
    throw await refuse('the server has fewer bytes than before', 0);
  }
  if (status >= 500 || status === 408 || status === 429) {
    throw await refuse(`status ${status}`, Number(headers.get('retry-after') ?? 0) * 1000 || 0);
  }
  if (status !== 200 && status !== 206) throw await refuse(`status ${status}`);
  const start = status === 206 ? Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1]) : 0;
  if (start !== 0 && start !== have) {
    await discardPart(target);
    throw await refuse('the server sent a range that was not requested', 0);
  }
  const announced = start + Number(headers.get('content-length') ?? 0);
  if (announced > limits.maxBytes) throw await refuse(tooLarge(announced, limits));
  return start;
}

async function save(
  response: Response,
  start: number,
  target: string,
  limits: DownloadLimits,
  onBytes: () => void,
): Promise<void> {
  const file = start === 0 ? await startPart(target, response.headers) : await openPlain(`${target}.part`, 'append');
  try {
    let size = start;
    for await (const chunk of response.body ?? []) {
      onBytes();
      // Check the bytes, not the announced type: this refuses an error page before all of it has arrived.
      if (size === 0 && chunk.length >= FORMAT_BYTES && !imageFormat(chunk)) {
        throw new DownloadError(`not an image (the server calls it ${response.headers.get('content-type')})`);
      }
      size += chunk.length;
      if (size > limits.maxBytes) throw new DownloadError(tooLarge(size, limits));
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
}

function tooLarge(bytes: number, { maxBytes }: DownloadLimits): string {
  return `${bytes} bytes or more, the limit is ${maxBytes}`;
}

function asDownloadError(error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  if (!(error instanceof Error)) throw error;
  if (error.name === 'TimeoutError') return new DownloadError('the server was too slow', 0);
  // Node's fetch reports the reason (refused, reset, cut off, bad certificate) in `cause`.
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  if (!cause) throw error;
  const reason = `connection failed (${cause.code ?? cause.message})`;
  return cause.code === 'ENOTFOUND' ? new DownloadError(reason) : new DownloadError(reason, 0);
}
