import { join } from 'node:path';
import { imageHash } from '../data/images/image-hash.js';
import type { Box, ImageSource, Raster } from '../data/types.js';
import { valueHash } from '../store/content-hash.js';
import { openRecords } from '../store/record-store.js';
import { type Crop, cutCrop } from './crop.js';

/** Crops images to squares of one size, with a cache on disk. */
export interface Cutter {
  /**
   * Returns a function that crops this image. Its file is hashed only once.
   * @throws ImageError for an image that cannot be read
   */
  of(source: ImageSource): Promise<(box: Box) => Promise<Crop>>;
  /**
   * Write new crops and close the files.
   * @throws UserError when the folder cannot be written
   */
  close(): Promise<void>;
}

/**
 * Open a cropper of squares with `side` pixels (`cutCrop`). With a folder, crops are cached by their box and the bytes of the image file,
 * or the key of a drawn image. Drawn images without a key are not cached.
 */
export async function openCutter(side: number, folder: string | undefined): Promise<Cutter> {
  const records = folder ? await openRecords(join(folder, String(side)), SIZE + side * side * 3) : undefined;
  return {
    async of(source) {
      const cut = (box: Box) => cutCrop(source, box, side);
      const hash = records && (source.kind === 'drawn' ? source.key : await imageHash(source));
      if (!records || !hash) return cut;
      return async (box) => {
        const key = valueHash([hash, box.x1, box.y1, box.x2, box.y2]);
        const known = await records.get(key);
        if (known) return readRecord(known, side);
        const crop = await cut(box);
        records.put(key, toRecord(crop));
        return crop;
      };
    },
    async close() {
      await records?.save().finally(() => records.close());
    },
  };
}

/** Width and height as 32-bit integers, then the pixels. */
const SIZE = 8;

function toRecord({ raster, width, height }: Crop): Uint8Array {
  const record = Buffer.alloc(SIZE + raster.data.length);
  record.writeUInt32LE(width, 0);
  record.writeUInt32LE(height, 4);
  record.set(raster.data, SIZE);
  return record;
}

function readRecord(record: Uint8Array, side: number): Crop {
  const numbers = new DataView(record.buffer, record.byteOffset);
  const raster: Raster = { width: side, height: side, data: record.subarray(SIZE) };
  return { raster, width: numbers.getUint32(0, true), height: numbers.getUint32(4, true) };
}
