/** What differs between the machines that TensorFlow's wheels on PyPI are built for. */

const linux = (machine) => ({
  machine,
  tags: ['_2_27', '_2_28', '_2_17', '2014'].map((tag) => `manylinux${tag}_${machine}`),
  libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  linkFlags: ['-Wl,-rpath,$ORIGIN/../../deps/lib'],
});

const platforms = {
  'linux-x64': { ...linux('x86_64'), wheel: 'tensorflow-cpu' },
  'linux-arm64': { ...linux('aarch64'), wheel: 'tensorflow' },
  'darwin-arm64': {
    machine: 'macos-arm64',
    wheel: 'tensorflow',
    tags: ['macosx_12_0_arm64'],
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    // Node's own functions are found when the binding is loaded.
    linkFlags: ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../../deps/lib'],
  },
};

/**
 * The wheel's name and tags, its two libraries, and the flags that link a module of Node to them; undefined for a machine without a wheel.
 * @param name `process.platform` and `process.arch` with a hyphen
 */
export function platformOf(name = `${process.platform}-${process.arch}`) {
  return Object.hasOwn(platforms, name) ? platforms[name] : undefined;
}

/** The TensorFlow build of a platform: CUDA for a machine with an NVIDIA GPU, else CPU. `gigabytes` is the size of its wheel. */
export function buildOf({ machine, wheel, tags }, version, gpu) {
  const name = gpu ? 'tensorflow' : wheel;
  const folder = `${name}-${version}-${machine}${gpu ? '-cuda' : ''}`;
  return { gpu, wheel: name, tags, folder, gigabytes: gpu ? 0.6 : 0.27 };
}
