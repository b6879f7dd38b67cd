// Memory of one compiled gradient of the language model in a process of its own, as JSON: `node checkpoint-child.js CHECKPOINT TRAINED`.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const file = fileURLToPath(new URL('checkpoint-memory.ts', import.meta.url));
const { module } = await runnerImport(file, { configFile: false, root, logLevel: 'error' });
console.log(JSON.stringify(module.measureGradient(process.argv[2] === 'true', new RegExp(process.argv[3]))));
