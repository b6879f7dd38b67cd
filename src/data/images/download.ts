import { createHash } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { earlierPart, forgetPart, openPlain, startPart } from '../../store/partial-file.js';
import { FORMAT_BYTES, type ImageFormat, imageFormat } from './image-file.js';

export interface DownloadLimits {
  /** A larger image is refused, by what its server announces and by what arrives. */
  maxBytes: number;
  /** How often a failure that may pass (a 5xx, a cut connection, silence) is tried again. */
  retries: number;
  /** The wait before the first retry; it doubles each time, unless the server names a longer one. */
  backoffMs: number;
  /** An attempt ends when no byte has come for this long ... */
  idleMs: number;
  /** ... or after this long in all; the next one continues where it stopped. */
  attemptMs: number;
}

/** What is known of a downloaded image. */
export interface Downloaded {
  bytes: number;
  sha256: string;
  format: ImageFormat;
}

/** Why a download failed, in words for the report. */
export class DownloadError extends Error {
  override name = 'DownloadError';
  /** `waitMs` is set where trying again may help: the least time that the server asks for, or 0. */
  constructor(
    reason: string,
    readonly waitMs?: number,
  ) {
    super(reason);
  }
}

const MAX_REDIRECTS = 5;
const LONGEST_WAIT_MS = 60_000;

/**
 * Download one image to `target`: http(s) only, also after redirects. The bytes gather in `target.part` and move to `target`
 * when the image is whole; a part that an earlier attempt or process left is continued when the server still has the same image.
 *
 * @throws DownloadError when it cannot be had
 */
export async function download(url: string, target: string, limits: DownloadLimits): Promise<Downloaded> {
  const address = webAddress(url);
  for (let tried = 0; ; tried++) {
    try {
      await attempt(address, target, limits);
      const image = await examine(`${target}.part`);
      // Not flushed: what a power failure cut off is not of the size that the index says, and is fetched again.
      await rename(`${target}.part`, target);
      await rm(`${target}.etag`, { force: true });
      return image;
    } catch (error) {
      const failure = asDownloadError(error);
      if (failure.waitMs === undefined || tried === limits.retries) {
        const resumable = failure.waitMs !== undefined && (await earlierPart(target)).bytes > 0;
        if (!resumable) await forgetPart(target);
        throw failure;
      }
      await sleep(Math.min(Math.max(limits.backoffMs * 2 ** tried, failure.waitMs), LONGEST_WAIT_MS));
    }
  }
}

/** Size, hash and format of a whole file. @throws DownloadError when it is no image */
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
  const timer = setTimeout(() => silence.abort(new DownloadError('the server fell silent', 0)), limits.idleMs);
  const signal = AbortSignal.any([silence.signal, AbortSignal.timeout(limits.attemptMs)]);
  try {
    const part = await earlierPart(target);
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

/** Follow redirects one by one, so that each address is checked before it is asked. */
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

/** Where in the image the answer's bytes begin. @throws DownloadError when they are not wanted */
async function checkAnswer(response: Response, have: number, target: string, limits: DownloadLimits): Promise<number> {
  const refuse = async (reason: string, waitMs?: number) => {
    await response.body?.cancel();
    return new DownloadError(reason, waitMs);
  };
  const { status, headers } = response;
  if (status === 416) {
    await forgetPart(target);
    throw await refuse('the server has fewer bytes than before', 0);
  }
  if (status >= 500 || status === 408 || status === 429) {
    throw await refuse(`status ${status}`, Number(headers.get('retry-after') ?? 0) * 1000 || 0);
  }
  if (status !== 200 && status !== 206) throw await refuse(`status ${status}`);
  const start = status === 206 ? Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1]) : 0;
  if (start !== 0 && start !== have) {
    await forgetPart(target);
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
      // The bytes decide, not the announced type: an error page is refused here, before all of it has come.
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
  // What Node's fetch reports (refused, reset, cut off, bad certificate) stands in `cause`.
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  if (!cause) throw error;
  const reason = `no connection, or a broken one (${cause.code ?? cause.message})`;
  return cause.code === 'ENOTFOUND' ? new DownloadError(reason) : new DownloadError(reason, 0);
}
