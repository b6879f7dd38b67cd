// Hashes of a step in a process of its own, as JSON: `node step-hash-child.js SIZE REPEATS`; compiled.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = fileURLToPath(new URL('step-hash.ts', import.meta.url));
const { module } = await runnerImport(file, { configFile: false, root, logLevel: 'error' });
const [size, repeats] = process.argv.slice(2);
console.log(JSON.stringify(module.stepHashes(size, true, Number(repeats))));
