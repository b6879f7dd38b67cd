/** The one door: what a notebook may use, grouped by name. */

// Engine
export { UserError } from './engine/check.js';
export { describeEngine, type EngineDescription, startEngine } from './engine/engine.js';
export { type RandomStream, randomStream } from './engine/random.js';
export { type Backend, configureEngine, type EngineSettings } from './engine/settings.js';
export * as tf from './engine/tf.js';
