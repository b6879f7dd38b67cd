import { fillIn } from '../../checks/fill-in.js';
import { type Filled, integer, tagged } from '../../checks/schema.js';

/**
 * Whether the texts that a prompt gives look at its picture once more inside the language model (the fusion of MMAPS, arXiv 2308.11351).
 * - `none`: not; they attend to it as to all earlier tokens (the paper's).
 * - `attend`: t + W [t; f a] after a block, with a what a text token t finds by attention to the visual tokens, and f = sigmoid(F [t; a]).
 */
export type PromptGateOption = { kind: 'none' } | AttendingGate;

export interface AttendingGate {
  kind: 'attend';
  /** The block after which it stands, from 0. Default 0. */
  after?: number;
}

export const promptGateSchema = tagged<PromptGateOption>(
  'whether texts of a prompt look at its picture once more inside the language model',
  { none: {}, attend: { after: integer({ min: 0, default: 0, help: 'the block after which they do, from 0' }) } },
);

/** The option with its defaults filled in. */
export const promptGateOption = (option: PromptGateOption = { kind: 'none' }): Filled<PromptGateOption> =>
  fillIn(promptGateSchema, option, 'promptGate');
