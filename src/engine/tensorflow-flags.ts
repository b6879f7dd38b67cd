/** What the engine sets where the user does not. */
export const flagDefaults = {
  // More than one inter-operation thread was seen to give two different gradients for one input.
  TF_NUM_INTEROP_THREADS: '1',
  // TensorFlow's own choice depends on the processor; without it convolutions run at a third of the speed.
  TF_ENABLE_ONEDNN_OPTS: '1',
} as const;

/**
 * Variables of the environment that TensorFlow, oneDNN and NVIDIA's libraries read, and that decide digits or speed. Not
 * TF_NUM_INTRAOP_THREADS: the engine sets it to its `threads`. A fixed list: variables of other tools begin with TF_ too, and may
 * hold their secrets.
 */
const names = [
  ...Object.keys(flagDefaults),
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

/** Those of an environment, sorted by name; every other variable stays out. */
export function tensorflowFlags(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    names.toSorted().flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
