export { type Compiled, compile } from '../engine/compile/compile.js';
export type { CompileOptions } from '../engine/compile/loaded-graphs.js';
export { describeEngine, type EngineDescription, startEngine } from '../engine/engine.js';
export type { Weights } from '../engine/flat-weights.js';
export type { Progress } from '../engine/long-call.js';
export { countLeaks } from '../engine/memory.js';
export { type RandomStream, randomStream } from '../engine/random.js';
export { type Backend, configureEngine, type EngineSettings } from '../engine/settings.js';
