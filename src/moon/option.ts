import { integer, oneOf } from '../checks/schema.js';

export const attentionSchema = oneOf(['causal', 'bidirectional'], {
  help: 'whether a token attends to earlier tokens only, or to all tokens',
});

export const viewsSchema = oneOf(['both', 'crop'], {
  help: 'whether a picture is shown as the whole image and its core region, or as the core region only',
});

export const maxTextTokensSchema = integer({
  min: 1,
  max: 2048,
  help: 'maximum tokens of one text field; longer text is cut',
});
