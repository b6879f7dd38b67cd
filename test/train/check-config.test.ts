import { describe, expect, test } from 'vitest';
import { checkConfig, readConfig } from '../../src/train/check-config.js';
import { grocery } from '../../src/train/config.js';
import { bases } from '../../src/train/recipes.js';

test.each(Object.entries(bases))('the base %s is a sound config', (_, base) => {
  expect(checkConfig(base)).toBe(base);
});

test('what is left out comes from the base, and settings come last', () => {
  const config = readConfig({ base: 'grocery', optimizer: { steps: 10, rate: 0.1 }, region: { kind: 'centre' } }, [
    'optimizer.steps=20',
    'network.size=nano',
    'experts.blocks=[0]',
    'negatives.temporal.kind=none',
  ]);
  expect(config.optimizer).toEqual({ ...grocery.optimizer, steps: 20, rate: 0.1 });
  expect(config.region).toEqual({ kind: 'centre' });
  expect(config.negatives.temporal).toEqual({ kind: 'none' });
  expect(config.negatives.hard).toEqual(grocery.negatives.hard);
});

describe('one sentence for', () => {
  test.each([
    ['optimizer.stepz=3', 'optimizer.stepz: is unknown; did you mean steps?'],
    ['regoin.kind=none', 'regoin: is unknown; did you mean region?'],
    ['region.kind=saliensy', 'region.kind: got "saliensy", expected one of none | saliency'],
    ['optimizer.steps=many', 'optimizer.steps: got "many", expected a whole number of at least 0'],
    ['optimizer.rates.vison=1', 'optimizer.rates.vison: is unknown; did you mean vision?'],
    ['draw.mix={"image":0,"text":0,"product":0}', 'draw.mix: got'],
    ['experts.topK=9', 'experts.topK: got 9'],
    ['experts.blocks=[7]', 'experts.blocks: got [7]'],
    ['imageSize=60', 'imageSize: got 60, expected a multiple of 16'],
    ['temperature.least=3', 'temperature: got'],
    ['negatives.spatial.groups=0', 'negatives.spatial.groups: got 0'],
    ['augment.area=[0.5]', 'augment.area: got [0.5], expected a list of 2'],
    ['steps', "--set: got 'steps', expected NAME=VALUE"],
  ])('%s', (setting, message) => {
    expect(() => readConfig({}, [setting])).toThrow(message);
  });

  test('an unknown base, and a config that is no record', () => {
    expect(() => readConfig({ base: 'moon' })).toThrow('base: got "moon", expected one of grocery | paper');
    expect(() => readConfig([])).toThrow('config: got []');
  });
});
