import { rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { discardPart, findPart, openPlain, startPart } from './partial-file.js';

export interface DownloadLimits {
  /** Maximum size of a file. Checked against the announced size and against the bytes received. */
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

/** What a kind of file adds to a download. */
export interface DownloadKind<Facts> {
  /** Sent to the first host alone: a redirect to another one does not get them. */
  headers?: Record<string, string>;
  /** Why the first bytes (at most a few kilobytes) cannot be those of such a file: refuses an error page before all of it has arrived. */
  refuse?(first: Uint8Array, type: string | null): string | undefined;
  /** Look at the complete file before it gets its name. @throws DownloadError */
  examine(path: string): Promise<Facts>;
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
 * Download one file to `target`, over http or https only, including redirects. Bytes are collected in `target.part`, which is renamed when
 * the file is complete. A partial file of an earlier attempt or process is resumed if the server still has the same file.
 * @returns what `examine` says of it
 * @throws DownloadError if the file cannot be downloaded
 */
export async function download<Facts>(
  url: string,
  target: string,
  limits: DownloadLimits,
  kind: DownloadKind<Facts>,
): Promise<Facts> {
  const address = webAddress(url);
  for (let tried = 0; ; tried++) {
    try {
      await attempt(address, target, limits, kind);
      const facts = await kind.examine(`${target}.part`);
      // Not flushed to disk: a file truncated by a power failure does not have the size in the index, and is downloaded again.
      await rename(`${target}.part`, target);
      await rm(`${target}.etag`, { force: true });
      return facts;
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

async function attempt(
  address: URL,
  target: string,
  limits: DownloadLimits,
  kind: DownloadKind<unknown>,
): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new DownloadError('no data arrived for too long', 0)), limits.idleMs);
  const signal = AbortSignal.any([silence.signal, AbortSignal.timeout(limits.attemptMs)]);
  try {
    const part = await findPart(target);
    const headers = new Headers({ ...kind.headers, 'accept-encoding': 'identity' });
    if (part.bytes > 0) {
      headers.set('range', `bytes=${part.bytes}-`);
      headers.set('if-range', part.etag);
    }
    const response = await follow(address, headers, signal);
    const start = await checkAnswer(response, part.bytes, target, limits);
    await save(response, start, target, limits, kind, () => timer.refresh());
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
    const next = webAddress(location, address);
    // A secret is for the host that it was given for.
    if (next.host !== address.host) headers.delete('authorization');
    address = next;
  }
  throw new DownloadError(`more than ${MAX_REDIRECTS} redirects`);
}

/**
 * The offset in the file at which the response starts.
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
  { refuse }: DownloadKind<unknown>,
  onBytes: () => void,
): Promise<void> {
  const file = start === 0 ? await startPart(target, response.headers) : await openPlain(`${target}.part`, 'append');
  try {
    let size = start;
    for await (const chunk of response.body ?? []) {
      onBytes();
      const refused = size === 0 ? refuse?.(chunk, response.headers.get('content-type')) : undefined;
      if (refused) throw new DownloadError(refused);
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
