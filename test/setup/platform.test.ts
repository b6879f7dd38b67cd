import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';

const load = (file: string) => import(new URL(`../../src/setup/${file}`, import.meta.url).href);
const { platformOf, buildOf } = await load('platform.js');

describe('the build of TensorFlow for a machine', () => {
  test.each([
    ['linux-x64', false, 'tensorflow-cpu', 'tensorflow-cpu-2.21.0-x86_64'],
    ['linux-x64', true, 'tensorflow', 'tensorflow-2.21.0-x86_64-cuda'],
    ['linux-arm64', false, 'tensorflow', 'tensorflow-2.21.0-aarch64'],
    ['darwin-arm64', false, 'tensorflow', 'tensorflow-2.21.0-macos-arm64'],
  ])('%s, with a GPU: %s', (name, gpu, wheel, folder) => {
    expect(buildOf(platformOf(name), '2.21.0', gpu)).toMatchObject({ gpu, wheel, folder });
  });

  test.each(['darwin-x64', 'win32-x64', 'linux-ia32', 'constructor'])('PyPI has none for %s', (name) => {
    expect(platformOf(name)).toBeUndefined();
  });

  test('the tags and libraries are of the system, and the module finds its libraries from its own place', () => {
    const [linux, mac] = [platformOf('linux-arm64'), platformOf('darwin-arm64')];
    expect(linux.tags).toContain('manylinux_2_27_aarch64');
    expect(linux.tags).toContain('manylinux2014_aarch64');
    expect(mac.tags).toEqual(['macosx_12_0_arm64']);
    expect(linux.libraries).toEqual(['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']);
    expect(mac.libraries).toEqual(['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']);
    expect(linux.linkFlags.at(-1)).toBe('-Wl,-rpath,$ORIGIN/../../deps/lib');
    expect(mac.linkFlags.at(-1)).toBe('-Wl,-rpath,@loader_path/../../deps/lib');
  });
});

test('setup on a machine without a build says so in one sentence', async () => {
  const { tensorflowBuild } = await load('tensorflow.js');
  const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
  try {
    expect(tensorflowBuild).toThrow(/^The native engine is built on Linux .*, and this is win32 \w+\. Use Linux, WSL2/);
  } finally {
    Object.defineProperty(process, 'platform', platform);
  }
});

test.each([
  ['lists a GPU', 'GPU 0: NVIDIA H200 (UUID: GPU-0)', 0, undefined, true],
  ['lists a GPU that MOON_ENGINE leaves alone', 'GPU 0: NVIDIA H200 (UUID: GPU-0)', 0, 'native-cpu', false],
  [
    'has no driver',
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
    9,
    undefined,
    false,
  ],
  ['finds none', 'No devices found.', 0, undefined, false],
])('setup where nvidia-smi %s', async (_, says, status, engine, gpu) => {
  const { tensorflowBuild } = await load('tensorflow.js');
  const folder = mkdtempSync(join(tmpdir(), 'moon-nvidia-'));
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\necho "${says}"\nexit ${status}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  vi.stubEnv('MOON_ENGINE', engine);
  try {
    expect(tensorflowBuild().gpu).toBe(gpu);
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});
