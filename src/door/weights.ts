export { applyLora, initLora } from '../weights/lora.js';
export { loadLora, saveLora } from '../weights/lora-file.js';
