import { expect, test } from 'vitest';
import * as tf from '../../src/engine/tf.js';
import { contrastiveLoss } from '../../src/losses/contrastive-loss.js';
import { infoNce } from '../../src/losses/info-nce.js';
import type { LossOption } from '../../src/losses/option.js';
import { numberOf, plain, upload } from './rows.js';

test('an option chooses the loss, and a wrong one is refused', () => {
  const temperature = tf.scalar(0.1);
  const total = (option: LossOption) => numberOf(contrastiveLoss(option, upload(plain), temperature).total);
  expect(total({ kind: 'info-nce' })).toBe(numberOf(infoNce(upload(plain), temperature).total));
  expect(total({ kind: 'info-nce', symmetric: true, smoothing: 0.1 })).toBe(
    numberOf(infoNce(upload(plain), temperature, { symmetric: true, smoothing: 0.1 }).total),
  );
  expect(() => total({ kind: 'triplet' } as unknown as LossOption)).toThrow(
    'loss.kind: got "triplet", expected one of info-nce.',
  );
});
