import { realpathSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { querySequence } from '../moon/sequence.js';
import { loadPixels } from '../pictures/picture-store.js';
import { whiteBalanceOf } from '../pictures/vision-option.js';
import type { AttentionReader, OpenAttention } from '../regions/attention.js';
import { type Encoder, sequenceOptions } from './encoder.js';
import { networkHash } from './network-hash.js';
import { traceSequence } from './trace.js';

/** Loads the encoder of a finished run. The caller frees its parameters. */
export type LoadRun = (folder: string) => Encoder | Promise<Encoder>;

/**
 * Make a function that opens frozen runs for `region: { kind: 'attention', checkpoint }`, where the checkpoint is a run folder.
 * @param training folder of the run that is about to train, which must not detect its own regions
 */
export function attentionOpener(load: LoadRun, training?: string): OpenAttention {
  return async (checkpoint) => {
    if (training !== undefined && isSame(checkpoint, training))
      throw new UserError(
        `region.checkpoint: got '${checkpoint}', which is the run being trained. Choose a finished run, so that regions do not change.`,
      );
    return attentionReader(await load(checkpoint));
  };
}

/** Use a frozen encoder as a reader of [image][title] sequences, without crops. Takes ownership of the encoder. */
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
