import { fillIn } from '../../checks/fill-in.js';
import { type Filled, fraction, tagged, text } from '../../checks/schema.js';

/**
 * Whether the words on a picture are read, such as the name on a package. They stand in a sequence after the picture, with an aspect of their own;
 * a picture without words adds nothing.
 */
export type OcrOption = { kind: 'none' } | PaddleOption;

/** PaddleOCR's detection and recognition of text, as ONNX. */
export interface PaddleOption {
  kind: 'paddle';
  /** A folder with `*_det_*.onnx` and `*_rec_*.onnx`, or the name of a downloaded one: `pp-ocr` (`npx moon-lab model get pp-ocr`). */
  model: string;
  /** Smallest mean probability of the letters of a line that counts. Default 0.8. */
  confidence?: number;
}

export const ocrSchema = tagged<OcrOption>('whether the words on pictures are read', {
  none: {},
  paddle: {
    model: text({ help: 'a folder of PaddleOCR as ONNX, or the name of a downloaded one such as pp-ocr' }),
    confidence: fraction({ default: 0.8, help: 'the smallest mean probability of the letters of a line that counts' }),
  },
});

/** The option with its defaults filled in. */
export const ocrOption = (option: OcrOption = { kind: 'none' }): Filled<OcrOption> => fillIn(ocrSchema, option, 'ocr');
