import type { PromptPositions } from '../family.js';

/** Every token counts up by one on all axes: the positions of networks whose images are tokens among others. */
export function linearPositions(length: number): PromptPositions {
  return { positions: Int32Array.from({ length: 3 * length }, (_, at) => at % length), next: length };
}
