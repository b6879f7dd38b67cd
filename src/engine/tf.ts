/** The one place tensors come from: tfjs-core with the native engine registered, started by the first operation. */
import './native.js';

export * from '@tensorflow/tfjs-core';
