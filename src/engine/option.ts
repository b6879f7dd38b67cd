import { wrongOption } from '../checks/error.js';
import { boolean, oneOf, record } from '../checks/schema.js';

export interface EngineOption {
  /** Run the step as one compiled graph. Only affects the native engine. */
  compile: boolean;
  /** Recompute each block in the backward pass: less memory, about a third more time. Default false. */
  checkpoint?: boolean;
  /**
   * Of the matrix products of a compiled training step; weights, sums, norms, softmax, losses and the optimizer are float32 in either, as are
   * embeddings. `auto` measures both when training begins. Default float32.
   */
  precision?: 'float32' | 'bfloat16' | 'auto';
}

export const engineSchema = record<EngineOption>({
  compile: boolean({ help: 'run the step as one compiled graph (native engine only)' }),
  checkpoint: boolean({
    default: false,
    help: 'recompute each block in the backward pass: less memory, about a third more time',
  }),
  precision: oneOf(['float32', 'bfloat16', 'auto'], {
    default: 'float32',
    help: 'of the products of a compiled step; bfloat16 where the processor has it, auto measures',
  }),
});

/** @throws UserError for half precision without a compiled step, which alone has it */
export function checkPrecision({ compile, precision = 'float32' }: EngineOption): void {
  if (precision === 'bfloat16' && !compile)
    throw wrongOption(
      'engine.precision',
      precision,
      `'float32'`,
      'With engine.compile false nothing is computed in it.',
    );
}
