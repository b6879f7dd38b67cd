import { expect, test } from 'vitest';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { prepare } from '../../src/encoder/prepare.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { embedBatch } from '../../src/moon/model.js';
import { productSequence, querySequence } from '../../src/moon/sequence.js';
import { batchBuilder, type MicroBatch } from '../../src/objectives/batch-builder.js';
import { stagesOf } from '../../src/objectives/index.js';
import type { Objective, ObjectiveKind, StepBatch } from '../../src/objectives/objective.js';
import { readSize } from '../../src/objectives/read-size.js';
import { train } from '../../src/train/loop.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { copyState, type TrainState } from '../../src/train/train-state.js';
import { shortConfig, shortShop, withoutTimes } from '../train/run/short-run.js';

interface PairBatch extends StepBatch {
  sides: MicroBatch[];
}

/** Pulls each query to what was bought, away from nothing; keeps the sum of its losses in a tensor of its own. */
const attraction: ObjectiveKind = {
  name: 'attraction',
  start: () => ({ attractionSum: tf.scalar(0) }),
  open({ encoder, trained, pixels, sampler, crops, state }): Objective<PairBatch> {
    const read = sequenceOptions(encoder, pixels);
    const pairsOf = ({ queries, items, positiveOf }: ReturnType<typeof sampler.sample>) => ({
      queries: queries.map((query) => querySequence(query, read)),
      items: queries.map((_, at) => productSequence(items[positiveOf[at]].product, read)),
    });
    const preview = sampler.preview().map(pairsOf);
    const build = (['queries', 'items'] as const).map((side) => ({
      side,
      of: batchBuilder(
        encoder,
        pixels,
        crops,
        preview.map((each) => each[side]),
      ),
    }));
    return {
      sample() {
        const pairs = pairsOf(sampler.sample());
        const sides = build.flatMap(({ side, of }) => of(pairs[side]));
        return {
          ids: pairs.queries.map(({ id }) => id),
          size: readSize([...pairs.queries, ...pairs.items]),
          sides,
          dispose: () => tf.dispose(sides.map(({ tensors }) => tensors)),
        };
      },
      step({ trained: flat, frozen }, { sides }) {
        const { value, grad } = tf.valueAndGrad((flat: tf.Tensor) => {
          const weights = trained.weightsOf({ trained: flat as tf.Tensor1D, frozen });
          const [queries, items] = sides.map(
            ({ batch, tensors }) => embedBatch(encoder.model, weights, batch, tensors).embeddings,
          );
          return tf.sub(1, tf.mean(tf.sum(tf.mul(queries, items), 1)));
        })(flat);
        return { gradient: grad as tf.Tensor1D, measures: { total: value as tf.Scalar } };
      },
      after({ measures }) {
        const sum = tf.add(state.tensors.attractionSum, measures.total);
        state.tensors.attractionSum.dispose();
        state.tensors.attractionSum = sum;
      },
    };
  },
};

const shop = shortShop();
const config = { ...shortConfig, optimizer: { ...shortConfig.optimizer, steps: 9, accumulate: 1 } };
/** Four updates of its own after the captions, before the contrastive stage. */
const [captions, contrastive] = stagesOf(config);
const stages = [captions, { objective: attraction, steps: 4 }, contrastive];

async function run(resume?: TrainState) {
  const { encoder, pixels } = await prepare(config, shop);
  const records: StepRecord[] = [];
  const states: TrainState[] = [];
  await train(encoder, shop, pixels, {
    stages,
    resume,
    onStep: (record) => records.push(record),
    onState: (state) => void (state.step === 4 && states.push(copyState(state))),
  });
  return { encoder, records, states };
}

test('a new objective is one record: its stage trains, keeps a tensor, and a run resumes in the midst of it', async () => {
  const { leaked } = await countLeaks(async () => {
    const whole = await run();
    expect(whole.records.map(({ stage }) => stage)).toEqual([
      'captions',
      'captions',
      ...Array(4).fill('attraction'),
      ...Array(3).fill('contrastive'),
    ]);
    const own = whole.records.filter(({ stage }) => stage === 'attraction').map(({ loss }) => loss);
    expect(own.at(-1)).toBeLessThan(own[0]);
    const [state] = whole.states;
    expect(state.tensors.attractionSum.dataSync()[0]).toBeCloseTo(own[0] + own[1], 5);
    const rest = await run(state);
    expect(withoutTimes(rest.records)).toEqual(withoutTimes(whole.records.slice(4)));
    expect(rest.encoder.parameters.dataSync()).toEqual(whole.encoder.parameters.dataSync());
    tf.dispose([whole.encoder.parameters, rest.encoder.parameters, state.tensors]);
  });
  expect(leaked).toBe(0);
});
