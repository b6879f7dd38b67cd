import { expect, test } from 'vitest';
import { weightShapes } from '../../src/backbones/qwen25vl/weight-shapes.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { initMoon } from '../../src/moon/model.js';
import { type Part, parts } from '../../src/moon/part-option.js';
import { expertGroup, partOf } from '../../src/moon/weight-names.js';
import { smallModel } from './small.js';

test.each([
  ['visual.blocks.0.attn.qkv.weight', 'vision'],
  ['visual.blocks.0.mlp.gate_proj.weight', 'vision'],
  ['visual.merger.mlp.0.weight', 'projector'],
  ['vision.projector.bias', 'projector'],
  ['model.embed_tokens.weight', 'tokens'],
  ['lm_head.weight', 'tokens'],
  ['model.layers.1.mlp.gate.weight', 'router'],
  ['model.layers.1.mlp.experts.gate_up_proj', 'experts'],
  ['model.layers.1.mlp.category.down_proj', 'experts'],
  ['model.layers.12.mlp.any-other_name.down_proj', 'experts'],
  ['model.layers.0.mlp.gate_proj.weight', 'language'],
  ['model.norm.weight', 'language'],
  ['loss.log_temperature', 'temperature'],
])('%s belongs to %s', (name, part) => {
  expect(partOf(name)).toBe(part);
});

test('a network with experts has the published weights but for the dense layers of its blocks, and those of its groups', () => {
  const groups = { title: 'text', image: 'picture' };
  const model = smallModel({ kind: 'guided', count: 5, topK: 1, blocks: [1], guide: groups });
  const weights = initMoon(model, randomStream(1, 'init'));
  const names = Object.keys(weights);
  const published = Object.keys(weightShapes(model.network)).filter((name) => !name.startsWith('model.layers.1.mlp.'));
  const added = ['experts', 'text', 'picture'].flatMap((group) =>
    ['gate_up', 'down'].map((part) => `model.layers.1.mlp.${group}.${part}_proj`),
  );
  expect(names.sort()).toEqual([...published, ...added, 'model.layers.1.mlp.gate.weight'].sort());
  expect(new Set(names.flatMap((name) => expertGroup(name) ?? []))).toEqual(new Set(['experts', 'text', 'picture']));
  const missing: Part[] = ['temperature'];
  expect(new Set(names.map(partOf))).toEqual(new Set(parts.filter((part) => !missing.includes(part))));
  tf.dispose(weights);
});
