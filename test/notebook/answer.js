/** Answers the requests of `askKernel`, given as JSON, in one fresh kernel: on file 3, since tslab takes over standard output. */
import { writeSync } from 'node:fs';
import { startKernel } from './kernel.js';

const { handler, execute } = startKernel();

async function answer({ execute: code, inspect, complete }) {
  const at = (text) => ({ code: text.replace('|', ''), cursor_pos: text.indexOf('|') });
  if (inspect !== undefined) return handler.handleInspect(at(inspect));
  if (complete !== undefined) return handler.handleComplete(at(complete));
  return execute(code);
}

const answers = [];
for (const request of JSON.parse(process.argv[2])) answers.push(await answer(request));
writeSync(3, JSON.stringify(answers));
handler.close();
process.exit(0);
