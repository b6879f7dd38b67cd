import { UserError } from '../../checks/error.js';
import { questionsOf } from '../../config/captioning.js';
import type { QuestionKind } from '../../moon/question-option.js';
import { textOption } from '../../text/text-option.js';
import type { Encoder } from '../encoder.js';

/** @throws UserError for a network that learned no next tokens, or reads texts with a frozen encoder and has no words to write */
export function requireWords({ config }: Pick<Encoder, 'config'>): void {
  if (config.captioning.kind === 'denoising')
    throw new UserError(
      `captioning.kind: got 'denoising', and such a network fills in hidden tokens in any order; answers are written and compared by next tokens. Evaluate other tasks, or train one with captioning.kind=captions.`,
    );
  if (textOption(config.text).kind !== 'own')
    throw new UserError(
      `text.kind: got 'frozen', and such a network has no words to answer with. Evaluate other tasks, or train one with text.kind=own.`,
    );
}

/** @throws UserError for a network that was not trained to write an answer of this kind */
export function requireQuestion({ config }: Pick<Encoder, 'config'>, kind: QuestionKind): void {
  requireWords({ config });
  const { captioning } = config;
  const known = questionsOf(captioning);
  if (known.includes(kind)) return;
  const learned =
    captioning.kind === 'none' ? 'this network learned to write nothing' : `it learned ${known.join(', ')}`;
  throw new UserError(
    `captioning.questions: lacks ${kind}; ${learned}. Train one with --set captioning.kind=captions --set captioning.fraction=0.5 --set captioning.questions=${JSON.stringify([kind])}.`,
  );
}
