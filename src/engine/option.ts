import { record, yesOrNo } from '../checks/schema.js';

export interface EngineOption {
  /** Run the step as one compiled graph. It takes effect on the native engine only. */
  compile: boolean;
}

export const engineSchema = record<EngineOption>({
  compile: yesOrNo({ help: 'run the step as one compiled graph, on the native engine' }),
});
