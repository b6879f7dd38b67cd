import type { PromptImage } from '../backbones/prompt-image.js';
import type { Box } from '../data/types.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { chatPrompt, type Prompt } from './prompt.js';

/** System prompt that Qwen2.5-VL was fine-tuned with. */
const SYSTEM = 'You are a helpful assistant.';

/** Stands in for the title of an image without one. */
const NO_TITLE = 'the main product';

/** A prompt that asks for the bounding box of the object that a title names (MOON's core region detection). */
export function groundingPrompt(
  tokenizer: Tokenizer,
  image: Exclude<PromptImage, { kind: 'tile' }>,
  title: string | undefined,
  options: { mergeSize: number },
): Prompt {
  const thing = title?.trim() || NO_TITLE;
  const question = `Find this in the image: ${thing}\nGive its bounding box as JSON: [{"bbox_2d": [x1, y1, x2, y2]}]`;
  return chatPrompt(tokenizer, [image, question], { ...options, system: SYSTEM });
}

/** The box in a model's answer, or null and the reason. */
export type GroundedBox =
  | {
      box: Box;
      /** The box extended beyond the image and was clipped. */
      clipped: boolean;
    }
  | { box: null; reason: string };

const NUMBER = String.raw`\s*(-?\d+(?:\.\d+)?)\s*`;
/** Qwen2.5-VL answers in JSON with absolute pixels. Matched as text, because a model may omit a bracket or be cut off. */
const JSON_BOX = new RegExp(String.raw`"bbox_2d"\s*:\s*\[${NUMBER},${NUMBER},${NUMBER},${NUMBER}\]`);
/** Qwen2-VL answers with corners between box tokens, in thousandths of the image. */
const TOKEN_BOX = new RegExp(
  String.raw`<\|box_start\|>\s*\(${NUMBER},${NUMBER}\)\s*,\s*\(${NUMBER},${NUMBER}\)\s*<\|box_end\|>`,
);

/**
 * Parse the first box of a model's answer, in fractions of the image.
 * @param image size of the image that the model saw, after resizing, in pixels
 * @param units of the coordinates; by default pixels for `bbox_2d` and thousandths of the image between box tokens
 */
export function parseBox(
  answer: string,
  image: { width: number; height: number },
  units?: 'pixels' | 'thousandths',
): GroundedBox {
  const json = JSON_BOX.exec(answer);
  const found = json ?? TOKEN_BOX.exec(answer);
  if (!found) return { box: null, reason: `no box in the answer ${shorten(answer)}` };
  const [x1, y1, x2, y2] = found.slice(1).map(Number);
  const pixels = (units ?? (json ? 'pixels' : 'thousandths')) === 'pixels';
  const [width, height] = pixels ? [image.width, image.height] : [1000, 1000];
  const box = { x1: within(x1 / width), y1: within(y1 / height), x2: within(x2 / width), y2: within(y2 / height) };
  if (box.x1 >= box.x2 || box.y1 >= box.y2) {
    return { box: null, reason: `box (${x1}, ${y1}, ${x2}, ${y2}) has no area inside ${width} x ${height}` };
  }
  return { box, clipped: x1 < 0 || y1 < 0 || x2 > width || y2 > height };
}

function within(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
