import { UserError } from '../../checks/error.js';
import { readHeader, readTensor, writeSafetensors } from '../../store/safetensors.js';
import type { EmbeddingFormat } from './embedding-table.js';
import { readIds, writeIds } from './ids-beside.js';

/** The tensor that is written, and read where a file has several. */
const NAME = 'embeddings';

/** One tensor [rows, width], with the ids of its rows in a file beside it. */
export const safetensors: EmbeddingFormat = {
  endings: ['.safetensors'],
  async read(path) {
    const source = readHeader(path);
    const matrices = [...source.tensors].filter(([, { shape }]) => shape.length === 2);
    const found = matrices.find(([name]) => name === NAME) ?? (matrices.length === 1 ? matrices[0] : undefined);
    if (!found)
      throw new UserError(
        `${path}: holds ${matrices.length || 'no'} tensors of two axes${matrices.length ? ` (${matrices.map(([name]) => name).join(', ')})` : ''}, expected one, or one named "${NAME}".`,
      );
    const [name, { shape }] = found;
    const vectors = readTensor(source, name);
    if (!(vectors instanceof Float32Array))
      throw new UserError(`${path}: ${name} holds integers, expected F32, F16 or BF16.`);
    return { rows: { ids: readIds(path, shape[0]), vectors, width: shape[1], fields: {} }, notes: [] };
  },
  write(path, { count, width, parts }) {
    const all: string[] = [];
    const values = () => (give: (part: Float32Array) => void) => {
      for (const { ids, vectors } of parts()) {
        give(vectors);
        for (const id of ids) all.push(id);
      }
    };
    writeSafetensors(path, [{ name: NAME, shape: [count, width], values }]);
    writeIds(path, all);
  },
};
