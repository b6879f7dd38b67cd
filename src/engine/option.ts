import { boolean, record } from '../checks/schema.js';

export interface EngineOption {
  /** Run the step as one compiled graph. Only affects the native engine. */
  compile: boolean;
  /** Recompute each block in the backward pass: less memory, about a third more time. Default false. */
  checkpoint?: boolean;
}

export const engineSchema = record<EngineOption>({
  compile: boolean({ help: 'run the step as one compiled graph (native engine only)' }),
  checkpoint: boolean({
    default: false,
    help: 'recompute each block in the backward pass: less memory, about a third more time',
  }),
});
