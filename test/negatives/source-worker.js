/** A worker process that runs the sources; modules that it is told of later too. */
import { importSource } from '../source-modules.js';

await importSource('src/negatives/worker.ts');
