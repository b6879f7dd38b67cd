import { createHash } from 'node:crypto';

/** A name for a detector by all that its answers depend on beside the image and the title; fit for a file name. */
export function identityOf(kind: string, settings: object, weights = ''): string {
  const digest = createHash('sha256').update(JSON.stringify(settings)).update(weights).digest('hex');
  return `${kind}-${digest.slice(0, 16)}`;
}
