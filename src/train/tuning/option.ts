import { fillIn } from '../../checks/fill-in.js';
import { type Filled, integer, list, number, oneOf, tagged, text } from '../../checks/schema.js';
import { type Part, parts } from '../../moon/part-option.js';
import { loraDefaults } from '../../weights/lora-option.js';

/**
 * Which weights training changes. `connector` is what stands between vision and language; `lora` learns two small matrices for each target
 * (arXiv 2106.09685), and trains some parts entirely; so is what is new: the projector of a frozen encoder, or a tower of the model's own.
 */
export type TuneOption =
  | { kind: 'full' }
  | { kind: 'connector'; frozen?: FrozenNumbers }
  | { kind: 'parts'; parts: readonly Part[]; frozen?: FrozenNumbers }
  | {
      kind: 'lora';
      rank?: number;
      alpha?: number;
      targets?: readonly string[];
      parts?: readonly Part[];
      frozen?: FrozenNumbers;
    };

/** How frozen projections are held: bfloat16 takes half the memory, and the numbers of most published networks are of it. */
export type FrozenNumbers = (typeof frozenNumbers)[number];
const frozenNumbers = ['float32', 'bfloat16'] as const;

const frozen = oneOf(frozenNumbers, {
  default: 'float32',
  help: 'how frozen projections are held; bfloat16 rounds them and takes half the memory (native engine only)',
});
const part = oneOf(parts, { help: 'a part of the network' });

export const tuneSchema = tagged<TuneOption>('which weights training changes', {
  full: {},
  connector: { frozen },
  parts: { parts: list(part, { min: 1, help: 'parts that are trained; the others are frozen' }), frozen },
  lora: {
    frozen,
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
