export { generate, streamText, streamTokens } from '../generate/generate.js';
export { groundingPrompt, parseBox } from '../generate/grounding-prompt.js';
export { chatPrompt } from '../generate/prompt.js';
