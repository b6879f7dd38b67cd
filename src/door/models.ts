export { convertGguf } from '../models/convert-gguf.js';
export { type GetModelOptions, getModel, hasModel, modelFolder } from '../models/get-model.js';
export { inspectionLines, inspectModel, type ModelInspection } from '../models/inspect-model.js';
export { type KnownModel, knownModels } from '../models/known-models.js';
