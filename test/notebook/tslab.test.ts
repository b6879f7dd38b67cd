import { describe, expect, it } from 'vitest';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { askKernel, printed, runCells } from './kernel-cells.js';

/** A network of which a step takes a fraction of a second, and so many steps that nobody waits for the last. */
const endless = `
const shop = moon.generateShop({ products: 24, imageSize: 32, views: 1, trainQueries: 60, evaluationQueries: 1 });
const config = moon.config.withSteps({ ...moon.grocery, network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } }, imageSize: 32 }, 100_000);
const { encoder, pixels } = await moon.prepare({ ...config, engine: { compile: false } }, shop);`;

describe('cells of the tslab kernel', { tags: ['built'], timeout: 300_000 }, () => {
  it('show figures, tables and progress, and print nothing else', () => {
    const [imports, figure, bar] = runCells([
      `import { figures, notebook, show } from 'moon-lab';`,
      `show(figures.retrievalTable([{ name: 'MOON', n: 3, chance: 0.1, metrics: {} }]));
       show(figures.lossCurve([{ name: 'run', steps: [0, 1], values: [2, 1] }]))`,
      `const bar = notebook.progressBar();
       for (const done of [1, 2]) bar.show({ label: 'train', done, total: 2 });
       bar.end()`,
    ]);
    expect(imports).toEqual({ status: 'ok', outputs: [] });
    expect(figure.status).toBe('ok');
    expect(figure.outputs.map(({ plain }) => plain?.split('\n')[0])).toEqual([
      'Retrieval',
      '',
      'Training loss - n = 2 measured steps',
    ]);
    expect(figure.outputs[1].html).toBeGreaterThan(1_000_000); // plotly, once
    expect(figure.outputs[2].html).toBeLessThan(100_000);
    expect(bar.outputs.map(({ update }) => update)).toEqual([false, true]);
    expect(bar.outputs[1].plain).toContain('2/2');
  });

  it('a SIGINT ends a training after the running step, with a message and a bar, and the kernel lives', () => {
    const interrupt = `({ step }) => { if (step === 3) process.kill(process.pid, 'SIGINT'); }`;
    const [, start, train, after, again] = runCells([
      `import * as moon from 'moon-lab';`,
      endless,
      `await moon.train(encoder, shop, pixels, { onStep: ${interrupt} });`,
      // Node takes listeners off while the synchronous part of a cell runs.
      `await new Promise((resolve) => setImmediate(resolve));
       console.log(encoder.parameters.shape.length, process.listenerCount('SIGINT'))`,
      `await new Promise((resolve) => { setTimeout(resolve, 60_000); setImmediate(() => process.kill(process.pid, 'SIGINT')); })`,
    ]);
    expect(start.status).toBe('ok');
    expect(train.status).toBe('error');
    expect(printed(train, 'stderr')).toMatch(
      /^UserError: Interrupted after step [34] of 100000\. The encoder has the weights of that step\.\n$/,
    );
    expect(train.outputs.map(({ plain }) => plain ?? '').join('\n')).toMatch(/training .*3\/100000/);
    expect([after.status, printed(after, 'stdout')]).toEqual(['ok', '1 1\n']);
    // Without a long call the kernel's own listener is back in its place.
    expect(printed(again, 'stderr')).toContain('Interrupted asynchronously');
  });

  it('a SIGINT ends a training of default size after the running step, which takes less than two seconds', () => {
    const [, start, train, after] = runCells([
      `import * as moon from 'moon-lab';`,
      `const groceries = await moon.openCatalogue(moon.GROCERY_PACK);
       const { encoder, pixels } = await moon.prepare(moon.grocery, groceries);
       const steps: number[] = [];
       let asked = 0;
       let before = 0;`,
      // In the middle of a step, as a hand on the button would.
      `const onStep = ({ step, seconds }: moon.StepRecord) => {
         steps.push(seconds);
         if (step === 6) setTimeout(() => { asked = performance.now(); before = steps.length; process.kill(process.pid, 'SIGINT'); }, 20);
       };
       await moon.train(encoder, groceries, pixels, { onStep });`,
      `console.log(JSON.stringify({ after: steps.length - before, seconds: (performance.now() - asked) / 1000, step: Math.max(...steps.slice(3)) }));`,
    ]);
    expect(start.status).toBe('ok');
    expect(train.status).toBe('error');
    expect(printed(train, 'stderr')).toMatch(
      new RegExp(`^UserError: Interrupted after step \\d+ of ${grocery.optimizer.steps}`),
    );
    const said = JSON.parse(printed(after, 'stdout'));
    expect(said.after).toBeLessThanOrEqual(1);
    // The pause after an error, see the kernel of these tests, is in the seconds; their size is the machine's: said, not judged.
    console.log(
      `interrupted at default size: ${said.seconds.toFixed(2)} s later the next cell ran, steps took up to ${said.step.toFixed(2)} s`,
    );
  });

  it('a SIGINT ends the reading of pictures, and the embedding of products', () => {
    const [, , reading, embedding] = runCells([
      `import * as moon from 'moon-lab';`,
      endless,
      `await moon.prepare(config, shop, (done) => { if (done === 2) process.kill(process.pid, 'SIGINT'); });`,
      `setImmediate(() => process.kill(process.pid, 'SIGINT'));
       await moon.retrieval(encoder, shop, pixels, { split: 'val' });`,
    ]);
    for (const cell of [reading, embedding]) {
      expect(cell.status).toBe('error');
      expect(printed(cell, 'stderr')).toMatch(/^UserError: Interrupted/);
    }
  });

  it('hover shows the docstring of a name, completion the names', () => {
    const [, call, field, member, option] = askKernel([
      { execute: `import * as moon from 'moon-lab';` },
      { inspect: 'moon.trai|n' },
      { inspect: 'moon.grocery.imageSi|ze' },
      { complete: 'moon.layout|' },
      { complete: `moon.regions.detectorOf({ kind: '|' })` },
    ]);
    expect(call.data['text/plain']).toContain('Train on the pairs of the split');
    expect(call.data['text/plain']).toContain('onStep');
    expect(field.data['text/plain']).toContain('number');
    expect(member.matches).toContain('layoutMap');
    expect(option.matches.join()).toContain('saliency');
  });
});
