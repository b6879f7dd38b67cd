import { integer, oneOf } from '../checks/schema.js';

export const attentionSchema = oneOf(['causal', 'bidirectional'], {
  help: 'whether a token sees the tokens before it alone, or all tokens',
});

export const viewsSchema = oneOf(['both', 'crop'], {
  help: 'whether a picture is shown whole and as its core region, or as the region alone',
});

export const maxTextTokensSchema = integer({
  min: 1,
  max: 2048,
  help: 'tokens of one text field that are read; the rest is cut',
});
