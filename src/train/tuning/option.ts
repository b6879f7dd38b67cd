import { fillIn } from '../../checks/fill-in.js';
import { type Filled, integer, list, number, oneOf, tagged, text } from '../../checks/schema.js';
import { type Part, parts } from '../../moon/part-option.js';
import { loraDefaults } from '../../weights/lora-option.js';

/**
 * Which weights training changes. `connector` is what stands between vision and language; `lora` learns two small matrices for each target
 * (arXiv 2106.09685), and trains some parts entirely; so is the projector of a frozen encoder, which is new.
 */
export type TuneOption =
  | { kind: 'full' }
  | { kind: 'connector' }
  | { kind: 'parts'; parts: readonly Part[] }
  | { kind: 'lora'; rank?: number; alpha?: number; targets?: readonly string[]; parts?: readonly Part[] };

const part = oneOf(parts, { help: 'a part of the network' });

export const tuneSchema = tagged<TuneOption>('which weights training changes', {
  full: {},
  connector: {},
  parts: { parts: list(part, { min: 1, help: 'parts that are trained; the others are frozen' }) },
  lora: {
    rank: integer({ min: 1, max: 4096, default: loraDefaults.rank, help: 'the rank of the change of each target' }),
    alpha: number({ min: 1e-6, default: loraDefaults.alpha, help: 'the change is scaled by alpha / rank' }),
    targets: list(text({ help: 'a projection' }), {
      min: 1,
      default: loraDefaults.targets,
      help: 'projections to adapt, by the end of their names; experts are gate_up_proj and down_proj',
    }),
    parts: list(part, {
      default: ['router', 'temperature'],
      help: 'parts that are trained entirely; the saved adapter does not contain them',
    }),
  },
});

/** The option with its defaults filled in. */
export const tuneOption = (tune: TuneOption = { kind: 'full' }): Filled<TuneOption> => fillIn(tuneSchema, tune, 'tune');
