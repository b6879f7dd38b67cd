import * as tf from './tf.js';

/** Kernels of the training step that tfjs's WASM backend lacks, computed by other kernels of it. */

interface ConvolutionGradient {
  inputs: { x: tf.Tensor4D; dy: tf.Tensor4D };
  attrs: {
    strides: number | [number, number];
    pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
    dataFormat: string;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
    filterShape: [number, number, number, number];
  };
}

/** Add the kernels. Call it once, after the WASM backend was imported. */
export function registerWasmKernels(): void {
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: (given) => tf.tidy(() => filterGradient(given as unknown as ConvolutionGradient)),
  });
}

/**
 * The gradient of a convolution's filter [height, width, in, out]: for each place in the filter, the product of the pixels that it saw
 * [seen, in] and the slopes [seen, out].
 */
function filterGradient({ inputs: { x, dy }, attrs }: ConvolutionGradient): tf.Tensor {
  const { strides, pad, dimRoundingMode, filterShape } = attrs;
  const shapes = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { padInfo, strideHeight, strideWidth, batchSize, outHeight, outWidth, inChannels, outChannels } = shapes;
  const padded = tf.pad(x, [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ]);
  const slopes = tf.reshape(dy, [-1, outChannels]);
  const places = Array.from({ length: filterShape[0] * filterShape[1] }, (_, at) => {
    const [top, left] = [Math.floor(at / filterShape[1]), at % filterShape[1]];
    const end = [
      batchSize,
      top + strideHeight * (outHeight - 1) + 1,
      left + strideWidth * (outWidth - 1) + 1,
      inChannels,
    ];
    const seen = tf.stridedSlice(padded, [0, top, left, 0], end, [1, strideHeight, strideWidth, 1]);
    return tf.matMul(tf.reshape(seen, [-1, inChannels]), slopes, true);
  });
  return tf.reshape(tf.stack(places), filterShape);
}
