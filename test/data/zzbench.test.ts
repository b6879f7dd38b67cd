import { it } from 'vitest';
import { rows } from '../bench/images.js';
import { benchText } from '../bench/table.js';
it('b', async () => { console.log(benchText(await rows({ python: '/tmp/images/py/bin/python' }))); });
