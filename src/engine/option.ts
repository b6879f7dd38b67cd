import { boolean, record } from '../checks/schema.js';

export interface EngineOption {
  /** Run the step as one compiled graph. Only affects the native engine. */
  compile: boolean;
}

export const engineSchema = record<EngineOption>({
  compile: boolean({ help: 'run the step as one compiled graph (native engine only)' }),
});
