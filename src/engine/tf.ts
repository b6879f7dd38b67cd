/** tfjs-core with the native engine registered; every other file imports it from here. The first operation starts the engine. */
import './native.js';

export * from '@tensorflow/tfjs-core';
