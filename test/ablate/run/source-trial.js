/** A trial's process that runs the sources. */
import { runSourceProcess } from '../../source-modules.js';

await runSourceProcess('src/ablate/run/trial-process.ts');
