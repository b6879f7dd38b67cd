/** A forecast's process that runs the sources. */
import { runSourceProcess } from '../source-modules.js';

await runSourceProcess('src/train/forecast/probe-process.ts');
