import { createHash } from 'node:crypto';
import type { Encoder } from './encoder.js';

/** SHA-256 of an encoder's config and weights, which determine its embeddings. */
export async function networkHash({ config, parameters }: Pick<Encoder, 'config' | 'parameters'>): Promise<string> {
  return createHash('sha256')
    .update(JSON.stringify(config))
    .update(await parameters.data())
    .digest('hex');
}
