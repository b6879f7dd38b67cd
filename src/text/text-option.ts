import { fillIn } from '../checks/fill-in.js';
import { type Filled, integer, tagged, text } from '../checks/schema.js';

/**
 * What a network reads of texts.
 * - `own`: tokens of its own vocabulary, learned with the rest (the paper's).
 * - `frozen`: the token states of a frozen sentence encoder, each text read for itself, projected by a trained linear map.
 */
export type TextOption = { kind: 'own' } | FrozenTextOption;

export interface FrozenTextOption {
  kind: 'frozen';
  /** A Hugging Face folder of the BERT family, or the name of a downloaded one: `minilm` (`npx moon-lab model get minilm`). */
  model: string;
  /** Width of its token states. Default 384, MiniLM's. */
  width?: number;
}

export const textSchema = tagged<TextOption>('what the network reads of texts', {
  own: {},
  frozen: {
    model: text({ help: 'a folder of a BERT sentence encoder, or the name of a downloaded one such as minilm' }),
    width: integer({ min: 1, max: 16384, default: 384, help: 'the width of its token states' }),
  },
});

/** The option with its defaults filled in. */
export const textOption = (option: TextOption = { kind: 'own' }): Filled<TextOption> =>
  fillIn(textSchema, option, 'text');
