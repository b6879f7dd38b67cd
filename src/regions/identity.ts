import { createHash } from 'node:crypto';

/** A detector's cache key, fit for a file name: a hash of everything that its results depend on besides the image and the title. */
export function identityOf(kind: string, settings: object, weights = ''): string {
  const digest = createHash('sha256').update(JSON.stringify(settings)).update(weights).digest('hex');
  return `${kind}-${digest.slice(0, 16)}`;
}
