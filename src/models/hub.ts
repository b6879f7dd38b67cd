import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ListFileEntry, listFiles } from '@huggingface/hub';
import { UserError } from '../checks/error.js';
import { DownloadError, download } from '../store/download.js';
import { isModelFile } from './model-files.js';

export interface HubOptions {
  /** Branch, tag or commit. Default `main`. */
  revision?: string;
  onProgress?: (file: string, done: number, total: number) => void;
  signal?: AbortSignal;
}

/** A published network may be many gigabytes; an attempt that ends is resumed. */
const limits = { maxBytes: 100e9, retries: 5, backoffMs: 1000, idleMs: 60_000, attemptMs: 3_600_000 };

/** The hub's address, and the token for it: from the environment alone, as Python's huggingface_hub reads them. */
function hubSettings(): { url: string; token: string | undefined } {
  const { HF_ENDPOINT = 'https://huggingface.co', HF_TOKEN } = process.env;
  return { url: HF_ENDPOINT.replace(/\/$/, ''), token: HF_TOKEN || undefined };
}

/** Files of a repository that belong to a model, with their sizes. @throws UserError for a repository that cannot be listed */
export async function hubFiles(repo: string, { revision = 'main' }: HubOptions = {}): Promise<ListFileEntry[]> {
  const { url, token } = hubSettings();
  const files: ListFileEntry[] = [];
  try {
    const all = listFiles({
      repo: { type: 'model', name: repo },
      revision,
      hubUrl: url,
      recursive: true,
      ...(token ? { accessToken: token } : {}),
    });
    for await (const entry of all) if (entry.type === 'file' && isModelFile(entry.path)) files.push(entry);
  } catch (error) {
    throw refusal(repo, (error as { statusCode?: number }).statusCode, (error as Error).message);
  }
  if (!files.some(({ path }) => /\.(safetensors|gguf|onnx)$/.test(path)))
    throw new UserError(`${repo}: has no weights as safetensors, GGUF or ONNX. Choose another repository.`);
  return files;
}

/**
 * Download the model files of a repository into a folder. A file that is there and has the right hash or size is kept; an interrupted one
 * resumes. Large files are checked by the hub's SHA-256.
 * @throws UserError for a repository that cannot be read, or a file that is not what the hub lists
 */
export async function downloadHubModel(repo: string, folder: string, options: HubOptions = {}): Promise<void> {
  const { revision = 'main', onProgress, signal } = options;
  const { url, token } = hubSettings();
  const files = await hubFiles(repo, options);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of files) {
    signal?.throwIfAborted();
    onProgress?.(file.path, done, total);
    const target = join(folder, file.path);
    if (!(await isWhole(target, file))) {
      mkdirSync(dirname(target), { recursive: true });
      const address = `${url}/${repo}/resolve/${encodeURIComponent(revision)}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
      await download(address, target, limits, {
        headers: token ? { authorization: `Bearer ${token}` } : {},
        refuse: (first, type) =>
          type?.startsWith('text/html') ||
          Buffer.from(first.subarray(0, 15)).toString().toLowerCase().startsWith('<!doctype html')
            ? 'the server answered with a web page'
            : undefined,
        async examine(path) {
          if (!(await isWhole(path, file)))
            throw new DownloadError(`${file.path} is not the file that the hub lists`, 0);
        },
      }).catch((error: unknown) => {
        if (!(error instanceof DownloadError)) throw error;
        const status = /^status (\d+)$/.exec(error.message)?.[1];
        throw refusal(`${repo}, ${file.path}`, status === undefined ? undefined : Number(status), error.message);
      });
    }
    done += file.size;
  }
  onProgress?.('', total, total);
}

/** Whether a file is there with the size, and for large ones the hash, that the hub lists. */
async function isWhole(path: string, { size, lfs }: ListFileEntry): Promise<boolean> {
  if (!existsSync(path) || statSync(path).size !== (lfs?.size ?? size)) return false;
  if (!lfs) return true;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex') === lfs.oid.replace(/^sha256:/, '');
}

function refusal(what: string, status: number | undefined, message: string): UserError {
  if (status === 401 || status === 403)
    return new UserError(
      `${what}: the hub refuses access (${status}). Accept the model's licence on its page and set HF_TOKEN to a token that may read it.`,
    );
  if (status === 404)
    return new UserError(`${what}: the hub has no such repository, revision or file. Check the name.`);
  if (status === 429)
    return new UserError(`${what}: the hub asks for a pause (429). Try again later; what was downloaded is kept.`);
  return new UserError(
    `${what}: cannot be downloaded (${message}). Check the network and HF_ENDPOINT, then start again: it resumes.`,
  );
}

/** The folder of a repository below a cache. */
export function hubFolder(cache: string, repo: string): string {
  if (!/^\w[\w.-]*\/\w[\w.-]*$/.test(repo))
    throw new UserError(`model: got "${repo}", expected a known name, or owner/name on a hub.`);
  return join(cache, 'models', repo.replace('/', '--'));
}
