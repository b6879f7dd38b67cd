/** Environment variables that the engine sets unless the user does. */
export const flagDefaults = {
  // With more than one inter-operation thread, two gradients of one input can differ.
  TF_NUM_INTEROP_THREADS: '1',
  // TensorFlow's default depends on the processor. Without oneDNN, convolutions run at a third of the speed.
  TF_ENABLE_ONEDNN_OPTS: '1',
} as const;

/**
 * Environment variables of TensorFlow, oneDNN and NVIDIA's libraries that can change results or speed. TF_NUM_INTRAOP_THREADS is not
 * listed, because the engine sets it to its `threads`. The list is fixed: other tools have variables that begin with TF_ too, and these may
 * hold secrets.
 */
const names = [
  ...Object.keys(flagDefaults),
  // Own kernels of this package (`fused-ops.ts`).
  'MOON_KERNELS',
  'TF_ENABLE_ONEDNN_SPMM',
  'TF_SET_ONEDNN_FPMATH_MODE',
  'TF_ONEDNN_ASSUME_FROZEN_WEIGHTS',
  'TF_ONEDNN_THREADPOOL_USE_CALLER_THREAD',
  'TF_ONEDNN_USE_SYSTEM_ALLOCATOR',
  'ONEDNN_MAX_CPU_ISA',
  'DNNL_MAX_CPU_ISA',
  'ONEDNN_DEFAULT_FPMATH_MODE',
  'DNNL_DEFAULT_FPMATH_MODE',
  'TF_ENABLE_ZENDNN_OPTS',
  'TF_DETERMINISTIC_OPS',
  'TF_DETERMINISTIC_ORDER',
  'TF_OVERRIDE_GLOBAL_THREADPOOL',
  'TF_USE_EIGEN_PARALLEL_FOR_IN_WORK_SHARDER',
  'TF_USE_DEEP_CONV2D',
  'TF_DISABLE_JIT_KERNELS',
  'TF_XLA_FLAGS',
  'XLA_FLAGS',
  'TF_USE_CUBLASLT',
  'TF_MATMUL_AUTOTUNE_ENABLE',
  'TF_CUDNN_USE_AUTOTUNE',
  'TF_CUDNN_DISABLE_CONV_1X1_OPTIMIZATION',
  'TF_CONV2D_USE_FP16_ACCUMULATE',
  'TF_FP16_MATMUL_USE_FP32_COMPUTE',
  'TF_GPU_THREAD_MODE',
  'TF_GPU_THREAD_COUNT',
  'NVIDIA_TF32_OVERRIDE',
  'CUBLAS_WORKSPACE_CONFIG',
];

/** The listed variables of an environment, sorted by name. */
export function tensorflowFlags(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    names.toSorted().flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
