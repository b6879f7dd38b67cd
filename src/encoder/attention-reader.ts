import { realpathSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { querySequence } from '../moon/sequence.js';
import { loadPixels } from '../pictures/picture-store.js';
import { whiteBalanceOf } from '../pictures/vision-option.js';
import type { AttentionReader, OpenAttention } from '../regions/attention.js';
import { type Encoder, sequenceOptions } from './encoder.js';
import { networkHash } from './network-hash.js';
import { traceSequence } from './trace.js';

/** Opens the network of a finished run; the caller frees its parameters. */
export type LoadRun = (folder: string) => Encoder | Promise<Encoder>;

/**
 * Opens frozen runs for `region: { kind: 'attention', checkpoint }`, where the checkpoint is the folder of a run.
 * @param training folder of the run that is about to train, which must not look for its own regions
 */
export function attentionOpener(load: LoadRun, training?: string): OpenAttention {
  return async (checkpoint) => {
    if (training !== undefined && isSame(checkpoint, training))
      throw new UserError(
        `region.checkpoint: got '${checkpoint}', the run that is being trained; name a finished one, so that regions stay the same.`,
      );
    return attentionReader(await load(checkpoint));
  };
}

/** A frozen network as a reader of images: [image][title] as it reads them, the whole image alone. Takes over the network. */
export async function attentionReader(encoder: Encoder): Promise<AttentionReader> {
  const { config, parameters } = encoder;
  const { imageSize: size, vision, augment } = config;
  const features = vision.kind === 'onnx' ? { vision, augment, varied: new Set<string>() } : undefined;
  return {
    async read(image, title) {
      const pixels = await loadPixels([{ image }], { size, features, whiteBalance: whiteBalanceOf(vision) });
      const read = { ...sequenceOptions(encoder, pixels), region: undefined };
      return traceSequence(encoder, querySequence({ id: image.id, image, text: title }, read), pixels);
    },
    weights: await networkHash(encoder),
    dispose: () => parameters.dispose(),
  };
}

function isSame(one: string, other: string): boolean {
  const real = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  };
  return real(one) === real(other);
}
