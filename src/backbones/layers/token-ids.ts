import type { PublishedConfig } from '../published-config.js';
import type { Json } from './config-json.js';

/** Ids of the tokens that begin, end and pad a text: at the top of `config.json`, in its text part, or in both. */
export function tokenIds(top: Json, text: Json): Pick<PublishedConfig, 'bosTokenId' | 'eosTokenIds' | 'padTokenId'> {
  const token = (name: string) => (text[name] ?? top[name] ?? null) as number | number[] | null;
  const one = (name: string) => {
    const value = token(name);
    return Array.isArray(value) ? value[0] : value;
  };
  return {
    bosTokenId: one('bos_token_id'),
    eosTokenIds: [token('eos_token_id')].flat().filter((id): id is number => typeof id === 'number'),
    padTokenId: one('pad_token_id'),
  };
}
