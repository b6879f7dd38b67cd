/** A forecast's process that runs the sources. */
import { importSource } from '../source-modules.js';

const early = [];
const keep = (message) => early.push(message);
process.on('message', keep);
await importSource('src/train/forecast/probe-process.ts');
process.off('message', keep);
for (const message of early) process.emit('message', message);
