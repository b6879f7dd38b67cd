import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);

tf.registerBackend(
  'tensorflow',
  () => {
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
    process.env.TF_NUM_INTEROP_THREADS ??= '1';
    require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
    const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend');
    return new NodeJSKernelBackend(
      require('@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'),
      '@tensorflow/tfjs-node-gpu',
    );
  },
  10,
);
