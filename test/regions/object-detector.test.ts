import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fullImage } from '../../src/data/region.js';
import { countLeaks } from '../../src/engine/memory.js';
import { chooseDetection, readDetections, regionsOf } from '../../src/regions/detections.js';
import { detectorOf } from '../../src/regions/detector.js';
import type { ObjectDetectorOption } from '../../src/regions/options.js';
import { titleNames } from '../../src/regions/title-match.js';
import { sharedData } from '../needs.js';
import { writeGraph } from './graph-file.js';
import { drawn, scene } from './scenes.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-lab-'));
afterAll(() => rmSync(folder, { recursive: true }));

const graph = writeGraph(folder);
const onnx = 'test/fixtures/regions/brightest.onnx';
const image = drawn(scene([32, 32], [8, 4, 24, 28]));
const box = { x1: 8 / 32, y1: 4 / 32, x2: 24 / 32, y2: 28 / 32 };

async function detect(option: Omit<ObjectDetectorOption, 'kind'>, title?: string, of = image) {
  const detector = (await detectorOf({ kind: 'detector', ...option }))!;
  try {
    const [core] = await detector.detect(of, title);
    return core;
  } finally {
    detector.dispose();
  }
}

describe.each([
  ['an ONNX file', () => onnx],
  ['a tfjs graph model', () => graph],
  [
    'a tfjs graph model that runs only asynchronously',
    () => writeGraph(mkdtempSync(join(folder, 'a-')), { dynamic: true }),
  ],
])('a detector from %s', (_, model) => {
  it('finds the box in pixels of its input, names the thing, and leaves no tensors', async () => {
    const { result, leaked } = await countLeaks(() => detect({ model: model() }));
    expect(result).toEqual({ box, score: expect.closeTo(0.93, 1), source: 'detector: bottle' });
    expect(leaked).toBe(0);
  });

  it('takes the thing that the title names, and nothing where it names another', async () => {
    expect(await detect({ model: model() }, 'Steel Water Bottles, 1 l')).toMatchObject({ box });
    expect(await detect({ model: model() }, 'Blue shirt')).toMatchObject({ box });
    expect(await detect({ model: model() }, 'Two tennis rackets')).toMatchObject({
      fallback: 'missing',
      source: 'detector',
    });
  });

  it('gives the whole image where nothing is sure, or the box is none', async () => {
    expect(await detect({ model: model(), confidence: 1 })).toMatchObject({ fallback: 'missing' });
    const dark = drawn(scene([32, 32], [0, 0, 0, 0]));
    expect(await detect({ model: model() }, undefined, dark)).toMatchObject({ box: fullImage, fallback: 'absurd' });
  });

  it('follows the form, the names and the scale that it is told', async () => {
    const output = { kind: 'rows', name: 'detections' } as const;
    const labels = Array.from({ length: 40 }, (_, at) => `thing ${at}`);
    expect(await detect({ model: model(), output, labels })).toMatchObject({ box, source: 'detector: thing 39' });
    const negative = { scale: -1, mean: [-255, -255, -255] as const };
    const inverted = drawn(scene([32, 32], [8, 4, 24, 28], { ground: 200, colour: [10, 10, 10] }));
    expect(await detect({ model: model(), pixels: negative }, undefined, inverted)).toMatchObject({ box });
  });
});

it('names a detector by its weights and settings', async () => {
  const identity = async (option: object) => {
    const detector = (await detectorOf({ kind: 'detector', model: onnx, ...option }))!;
    detector.dispose();
    return detector.identity;
  };
  const plain = await identity({});
  expect(plain).toMatch(/^detector-[0-9a-f]{16}$/);
  expect(await identity({ confidence: 0.2 })).toBe(plain);
  const others = [
    await identity({ confidence: 0.5 }),
    await identity({ model: graph }),
    await identity({ labels: ['a'] }),
  ];
  expect(new Set([plain, ...others]).size).toBe(4);
});

it('refuses what does not fit, and keeps nothing of it', async () => {
  const text = join(folder, 'text.json');
  writeFileSync(text, '{"a": 1}');
  const broken = join(folder, 'broken.onnx');
  writeFileSync(broken, 'no graph');
  const cut = writeGraph(mkdtempSync(join(folder, 'cut-')));
  writeFileSync(join(cut, '../graph.bin'), 'short');
  const alone = writeGraph(mkdtempSync(join(folder, 'alone-')));
  rmSync(join(alone, '../graph.bin'));
  const cases: [Omit<ObjectDetectorOption, 'kind'>, string][] = [
    [{ model: text }, 'is not a tfjs graph model'],
    [{ model: broken }, 'cannot be read as ONNX'],
    [{ model: 'package.json' }, 'is not a tfjs graph model'],
    [{ model: cut }, 'graph.json: cannot be loaded'],
    [{ model: alone }, 'graph.bin: cannot be read (ENOENT)'],
    [{ model: 'LICENSE' }, 'region.model: got "LICENSE"'],
    [{ model: graph, confidence: 2 }, 'region.confidence: got 2'],
    [{ model: graph, units: 'inches' as 'pixels' }, 'region.units: got "inches"'],
    [{ model: graph, output: { kind: 'rows', name: 'boxes' } }, 'an output whose rows have 6 entries: detections'],
    [{ model: graph, output: { kind: 'lines' as 'rows' } }, 'region.output.kind: got "lines"'],
    [
      { model: graph, output: { kind: 'columns', boxes: 'detections', scores: 's', classes: 'c', order: 'xyxy' } },
      'region.output.scores: got "s", expected one of detections',
    ],
  ];
  for (const [option, message] of cases) {
    const { leaked } = await countLeaks(() => expect(detect(option)).rejects.toThrow(message));
    expect(leaked).toBe(0);
  }
});

it('refuses a real network that detects nothing', { tags: ['data'] }, async () => {
  const encoder = join(sharedData, 'models/efficientnet-lite0/model.onnx');
  await expect(detect({ model: encoder, side: 224 })).rejects.toThrow('region.output.name');
});

describe('readDetections', () => {
  const labels = ['cup', 'bowl'];

  it('reads rows and columns alike, and cuts boxes at the edge', () => {
    const rows = { detections: [-8, 10, 50, 60, 0.9, 1, 20, 20, 90, 120, 0.4, 0] };
    const columns = {
      boxes: [10, -8, 60, 50, 20, 20, 120, 90],
      scores: [0.9, 0.4],
      classes: [1, 0],
    };
    const names = { boxes: 'boxes', scores: 'scores', classes: 'classes' };
    const extent = { width: 100, height: 100 };
    const expected = [
      { box: { x1: 0, y1: 0.1, x2: 0.5, y2: 0.6 }, score: 0.9, label: 'bowl' },
      { box: { x1: 0.2, y1: 0.2, x2: 0.9, y2: 1 }, score: 0.4, label: 'cup' },
    ];
    expect(readDetections(rows, { kind: 'rows', name: 'detections' }, extent, labels)).toEqual(expected);
    expect(readDetections(columns, { kind: 'columns', ...names, order: 'yxyx' }, extent, labels)).toEqual(expected);
  });
});

describe('chooseDetection', () => {
  const seen = (label: string, score: number, side: number) => ({
    label,
    score,
    box: { x1: 0, y1: 0, x2: side, y2: side },
  });
  const things = [seen('cup', 0.5, 0.3), seen('cup', 0.8, 0.2), seen('person', 0.6, 0.9), seen('bowl', 0.1, 1)];
  const choose = (title?: string) => chooseDetection(things, title, ['cup', 'person', 'bowl', 'car'], 0.2);

  it('takes the surest of what the title names', () => {
    expect(choose('White cups, set of 4')).toBe(things[1]);
  });
  it('takes the largest without a title, or where the title names nothing that it knows', () => {
    expect(choose()).toBe(things[2]);
    expect(choose('Teapot')).toBe(things[2]);
  });
  it('never prefers a box that is none', () => {
    const absurd = { label: 'person', score: 1, box: { x1: 1, y1: 1, x2: 0, y2: 0 } };
    expect(chooseDetection([absurd, ...things], undefined, ['person'], 0.2)).toBe(things[2]);
  });
  it('takes none where the named thing is not seen, or not surely', () => {
    expect(choose('Toy car')).toBeUndefined();
    expect(choose('Bowl')).toBeUndefined();
  });
  it('stands first among the regions, then what else was seen surely, the surest first', () => {
    const labels = ['cup', 'person', 'bowl', 'car'];
    const absurd = { label: 'car', score: 0.9, box: { x1: 1, y1: 1, x2: 0, y2: 0 } };
    const told = (title?: string) =>
      regionsOf([...things, absurd], title, labels, 0.2).map(({ source, score }) => [source, score]);
    const cups = [
      ['detector: cup', 0.8],
      ['detector: cup', 0.5],
    ];
    expect(told()).toEqual([['detector: person', 0.6], ...cups]);
    expect(told('Bowl')).toEqual([['detector', 0], ['detector: cup', 0.8], ['detector: person', 0.6], cups[1]]);
  });
});

it.each([
  ['Kiara Women White Handbags', 'handbag', true],
  ['Baggit Tote Black', 'handbag', true],
  ['2 Wine-Glasses', 'wine glass', true],
  ['Wine in a glass', 'wine glass', false],
  ['CUPS & MUGS', 'cup', true],
  ['Cupboard', 'cup', false],
  ['Toothbrushes', 'toothbrush', true],
  ['Scissors', 'scissors', true],
  ['Nike Tiempo', 'tie', false],
  ['', 'cup', false],
])('%j names a %s: %s', (title, label, expected) => {
  expect(titleNames(title, label)).toBe(expected);
});
