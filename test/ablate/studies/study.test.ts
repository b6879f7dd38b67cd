import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allOf, grid, product, rowsOf } from '../../../src/ablate/changes/change.js';
import { readyChanges, readyGrids } from '../../../src/ablate/changes/ready-changes.js';
import { equalItems } from '../../../src/ablate/studies/budget.js';
import { readyStudies } from '../../../src/ablate/studies/ready-studies.js';
import { planRows, type Study } from '../../../src/ablate/studies/study.js';
import { openStudyData } from '../../../src/ablate/studies/study-data.js';
import { readStudyFile } from '../../../src/ablate/studies/study-file.js';
import { withSettings } from '../../../src/config/check-config.js';
import { configDifference, differenceText } from '../../../src/config/config-difference.js';
import { withSteps } from '../../../src/config/with-steps.js';
import { dataHash } from '../../../src/data/data-hash.js';
import { groceryMoon2 } from '../../../src/datasets/grocery/moon2-recipe.js';
import { smol } from '../../../src/datasets/grocery/pretrained-recipes.js';
import { grocery, paper } from '../../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { smallStudy } from '../small-study.js';

const paths = (change: (base: typeof grocery) => typeof grocery, base = paper) =>
  configDifference(base, change(base)).map(({ path }) => path);

describe('ready changes', () => {
  test('each changes its own piece of the paper base and nothing else', () => {
    const pieces: Record<string, RegExp> = {
      withoutRegions: /^region\./,
      centreCrop: /^region\./,
      randomCrop: /^region\./,
      duplicateImage: /^region\./,
      cropOnly: /^views$/,
      withoutGuidance: /^experts\.kind$/,
      withoutExperts: /^experts\.|^network\.feedForwardWidth$/,
      withoutHard: /^negatives\.hard\./,
      withoutSpatial: /^negatives\.spatial\.kind$/,
      withoutTemporal: /^negatives\.temporal\./,
      withoutSpatialTemporal: /^negatives\.(spatial|temporal)\./,
      onlyInBatch: /^negatives\.(hard|spatial|temporal)\./,
      withoutWarmup: /^captioning\./,
      bidirectional: /^attention$/,
      onlyImageQueries: /^sampler\.mix\./,
      onlyTextQueries: /^sampler\.mix\./,
      onlyProductQueries: /^sampler\.mix\./,
      equalQueryMix: /^sampler\.mix\./,
      segmentedRegions: /^region\./,
      frozenWords: /^text\./,
      wordsOnPictures: /^ocr\./,
      bfloat16: /^engine\.precision$/,
    };
    const ofPublished: Record<string, RegExp> = {
      untouched: /^tune\./,
      connectorOnly: /^tune\./,
      fullTuning: /^tune\./,
      captionsFirst: /^captioning\./,
      fromScratch: /^tune\.|^network\.weights$/,
    };
    const ofMoon2: Record<string, RegExp> = {
      equalWeights: /^alignment\.weights\./,
      stoppedWeights: /^alignment\.weights\./,
      fixedWeights: /^alignment\.weights\./,
      withoutModalityExperts: /^experts\.|^network\.feedForwardWidth$|^alignment\.weights\./,
      withoutIntra: /^alignment\.intra\./,
      withoutCrossAlignment: /^alignment\.(intra\.|directions$)/,
      withoutCoAugmentation: /^enrich\./,
      withoutFilter: /^alignment\.reliability\./,
      oracleFilter: /^alignment\.reliability\./,
      moonInstead: /^(alignment|experts|enrich)\.|^sampler\.forms$/,
    };
    const baseOf = (name: string) => (name in ofPublished ? smol : name in ofMoon2 ? groceryMoon2 : paper);
    const all = { ...pieces, ...ofPublished, ...ofMoon2 };
    for (const [name, piece] of Object.entries(all)) {
      const changed = paths(readyChanges[name as keyof typeof readyChanges], baseOf(name));
      expect(changed.length, name).toBeGreaterThan(0);
      for (const path of changed) expect(path, name).toMatch(piece);
    }
    expect(paths(readyChanges.causal, grocery)).toEqual(['attention']);
    expect(Object.keys(readyChanges).sort()).toEqual([...Object.keys(all), 'causal'].sort());
  });

  test('withoutGuidance keeps count and top-k; withoutExperts has as many active parameters', () => {
    const plain = readyChanges.withoutGuidance(grocery);
    expect(plain.experts).toEqual({ ...grocery.experts, kind: 'plain' });
    const grouped = withSettings(grocery, { experts: { guide: { image: 'picture' } } });
    expect(readyChanges.withoutGuidance(grouped).experts).toEqual(plain.experts);
    expect(paths(readyChanges.withoutExperts, grocery)).not.toContain('network.feedForwardWidth');
    const wide = readyGrids.topK(2)({ ...grocery, network: { ...grocery.network, depth: 3 } });
    // Three blocks of 384, the experts' one with two of them: 4 x 384 over 3 blocks.
    expect(readyChanges.withoutExperts(wide).network).toMatchObject({ feedForwardWidth: 512 });
    const folder = withSettings(grocery, { network: { from: 'model' } });
    expect(() => readyChanges.withoutExperts(folder)).toThrow(
      'withoutExperts: widens the feed-forward layers of a new',
    );
  });

  test('withoutHard is the toggle alone: what it does to a step, the sampler does', () => {
    expect(paths(readyChanges.withoutHard, grocery)).toEqual(['negatives.hard.kind']);
  });

  test('grids of one value', () => {
    expect(paths(readyGrids.queueLength(64))).toEqual(['negatives.temporal.size']);
    expect(paths(readyGrids.expertCount(8))).toEqual(['experts.count']);
    expect(paths(readyGrids.topK(2))).toEqual(['experts.topK']);
    expect(paths(readyGrids.hardLevel(2))).toEqual(['negatives.hard.level']);
    expect(readyGrids.temperature(0.1)(paper).temperature).toEqual({ kind: 'fixed', value: 0.1 });
    expect(paths(readyGrids.queryMix({ image: 1, text: 3, product: 2 }))).toEqual(['sampler.mix.image']);
  });
});

describe('rows', () => {
  test('sets, grids and their products', () => {
    const queues = grid('queue', [0, 8], readyGrids.queueLength);
    const counts = grid('experts', [4, 8], readyGrids.expertCount);
    expect(Object.keys(product(queues, counts))).toEqual([
      'queue=0 experts=4',
      'queue=0 experts=8',
      'queue=8 experts=4',
      'queue=8 experts=8',
    ]);
    expect(paths(product(queues, counts)['queue=8 experts=4'])).toEqual(['experts.count', 'negatives.temporal.size']);
    expect(paths(allOf(readyChanges.withoutHard, readyChanges.withoutRegions))).toEqual(
      paths(readyChanges.withoutRegions).concat(paths(readyChanges.withoutHard)),
    );
    expect(rowsOf([queues, { also: readyChanges.causal }]).map(([name]) => name)).toEqual([
      'queue=0',
      'queue=8',
      'also',
    ]);
  });

  test('a value twice in a grid is refused, as a name twice', () => {
    expect(() => grid('queue', [8, 8], readyGrids.queueLength)).toThrow("two rows are called 'queue=8'");
  });

  test('a factorial has every combination', () => {
    const rows = planRows(readyStudies.factorial);
    expect(rows).toHaveLength(8);
    expect(rows[7].factors).toEqual(['withoutRegions', 'withoutGuidance', 'withoutSpatialTemporal']);
    expect(new Set(rows.map(({ config }) => JSON.stringify(config))).size).toBe(8);
  });

  test('every ready study is in order', () => {
    for (const study of Object.values(readyStudies)) expect(planRows(study)[0].name).toBe('base');
    expect(planRows(readyStudies.paper).map(({ name }) => name)).toEqual([
      'base',
      'withoutRegions',
      'withoutGuidance',
      'withoutSpatialTemporal',
    ]);
  });

  test('the budget is equal in items: larger updates are fewer', () => {
    const wide = { ...grocery, sampler: { ...grocery.sampler, products: 2 * grocery.sampler.products } };
    expect(equalItems(grocery, wide, 160)).toBe(80);
    const rows = planRows({
      ...smallStudy,
      base: grocery,
      changes: { wide: () => wide },
      budget: { kind: 'items', steps: 160 },
    });
    expect(rows.map(({ config }) => config.optimizer.steps)).toEqual([160, 80]);
    expect(withSteps(grocery, 10).optimizer).toEqual({ ...grocery.optimizer, steps: 10 });
    expect(rows[1].difference.map(({ path }) => path)).toEqual(['sampler.products']);
  });
});

describe('a study that is not in order is refused in one sentence', () => {
  const refuse = (change: Partial<Study>, message: string) =>
    expect(() => planRows({ ...smallStudy, ...change })).toThrow(message);

  test.each<[string, Partial<Study>, string]>([
    ['a change that changes nothing', { changes: { same: (base) => base } }, "'same' has no effect on this base"],
    [
      'two rows of one name',
      { changes: [{ a: readyChanges.withoutHard }, { a: readyChanges.causal }] },
      "two rows are called 'a'",
    ],
    ['a row called base', { changes: { base: readyChanges.withoutHard } }, "two rows are called 'base'"],
    [
      'two rows of one config',
      { changes: { a: readyChanges.withoutHard, b: readyChanges.withoutHard } },
      "'b' has the same config as 'a'",
    ],
    [
      'an invalid config',
      { changes: { many: readyGrids.topK(9) } },
      "the row 'many' has an invalid config. experts.topK: got 9, expected 1 to 2",
    ],
    [
      'a change that the budget undoes',
      { changes: { longer: (base) => ({ ...base, optimizer: { ...base.optimizer, steps: 9 } }) } },
      "'longer' changes optimizer.steps, which the study's budget sets",
    ],
    [
      'a change of the seed',
      { changes: { luck: (base) => ({ ...base, seed: 9 }) } },
      "'luck' changes seed, which the study's seeds set",
    ],
    ['no seeds', { seeds: [] }, 'study.seeds: got []'],
    ['a seed twice', { seeds: [1, 1] }, 'study.seeds: got [1,1]'],
    ['no budget', { budget: { kind: 'seconds', seconds: 0 } }, 'study.budget'],
    ['a name that is no folder', { name: '../up' }, 'study.name'],
  ])('%s', (_, change, message) => refuse(change, message));
});

describe('a study file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-study-file-'));
  const read = (content: unknown) => {
    const file = join(folder, 'mine.json');
    writeFileSync(file, JSON.stringify(content));
    return readStudyFile(file);
  };

  test('gives a study with rows of every sort', () => {
    const study = read({
      base: 'paper',
      rows: [
        'withoutRegions',
        { name: 'short queue', set: { negatives: { temporal: { size: 16 } } } },
        { name: 'both', changes: ['withoutHard', 'withoutTemporal'] },
        { name: 'longer', from: 'base', changes: ['withoutTemporal'], steps: 5 },
        { name: 'half', merge: { kind: 'task-arithmetic', lambda: 0.5 }, of: ['longer'] },
        'wanda-50',
      ],
      grid: { expertCount: [4, 8] },
      seeds: [3, 4],
      steps: 20,
      data: { shop: { products: 100 } },
    });
    expect(study).toMatchObject({
      name: 'mine',
      seeds: [3, 4],
      split: 'dev',
      budget: { kind: 'items', steps: 20 },
      data: { kind: 'shop', options: { products: 100 } },
    });
    expect(planRows(study).map(({ name, difference }) => `${name}: ${differenceText(difference)}`)).toEqual([
      'base: ',
      'withoutRegions: region.kind: saliency -> none',
      'short queue: negatives.temporal.size: 512 -> 16',
      'both: negatives.hard.kind: same-category -> none; negatives.temporal.kind: queue -> none; negatives.temporal.size: 512 -> left out; negatives.temporal.start: 0.1 -> left out',
      'longer: start: as the base -> weights of base; negatives.temporal.kind: queue -> none; negatives.temporal.size: 512 -> left out; negatives.temporal.start: 0.1 -> left out',
      'half: weights: as trained -> task-arithmetic of longer',
      'wanda-50: weights: as trained -> wanda-50',
      'expertCount=4: experts.count: 6 -> 4',
      'expertCount=8: experts.count: 6 -> 8',
    ]);
  });

  test.each([
    [{ row: [] }, 'got "row", expected one of name | base | rows'],
    [{ rows: ['withoutMoon'] }, 'rows: got "withoutMoon", expected one of'],
    [{ rows: [{ name: 'a', with: 1 }] }, 'rows: got "with", expected name, set and changes'],
    [{ grid: { size: [1] } }, 'grid: got "size", expected one of queryMix'],
    [{ data: 7 }, 'data: got 7, expected the path of a folder, or { "shop": { ... } }'],
    [{ data: { table: {} } }, 'data: got {"table":{}}'],
    [{ split: 'valid' }, 'split'],
    [{ base: { base: 'grocery', regoin: 1 } }, 'regoin'],
  ])('%o is refused', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});

test('data of a study are generated by a data set that can', async () => {
  const options = { products: 12, trainQueries: 5, evaluationQueries: 1 };
  const shop = await openStudyData({ kind: 'shop', options });
  expect(dataHash(shop)).toBe(dataHash(generateShop(options)));
  await expect(openStudyData({ kind: 'mbe', options })).rejects.toThrow('data: got "mbe", expected folder | shop.');
});
