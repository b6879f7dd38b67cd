import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { ImageSource } from '../../data/types.js';
import { loadRuntime } from '../../engine/onnx.js';
import { onnxMetadata } from '../../engine/onnx-metadata.js';
import { settings } from '../../engine/settings.js';
import { hashFiles, valueHash } from '../../store/content-hash.js';
import { downloadedOr } from '../../store/downloaded.js';
import { decodeImage, imageSize } from '../image.js';
import { ocrOption, type PaddleOption } from './ocr-option.js';

/** Reads the words on pictures. */
export interface WordReader {
  /**
   * The words of an image, line by line from the top, joined by spaces; empty if there are none that are sure enough.
   * @throws ImageError for an image that cannot be read
   */
  read(source: ImageSource): Promise<string>;
  /** Of the networks and settings: equal pixels under the same identity have equal words. */
  identity: string;
}

/** A larger picture is reduced to this longer side, in pixels, as PaddleOCR does. */
const LONGEST = 960;

/** Letters of the recogniser, one a line, in its file. */
const LETTERS = 'character';

/** What is used of a line that esearch-ocr reads. */
interface Line {
  text: string;
  mean: number;
  /** Corners, from the upper left clockwise. */
  box: readonly (readonly [x: number, y: number])[];
}

interface Recogniser {
  ocr(image: unknown): Promise<{ src: readonly Line[] }>;
}

/**
 * Open PaddleOCR's networks.
 * @throws UserError for a folder without them
 */
export async function openWordReader(given: PaddleOption): Promise<WordReader> {
  const { model, confidence } = ocrOption(given) as Required<PaddleOption>;
  const folder = downloadedOr(model);
  const [detection, recognition] = ['det', 'rec'].map((part) => networkFile(folder, model, part));
  const letters = onnxMetadata(readFileSync(recognition), LETTERS);
  if (!letters) throw new UserError(`${recognition}: does not say its letters (metadata '${LETTERS}'); give another.`);
  const ort = loadRuntime(recognition);
  // Loaded here, since they are large and few runs read words.
  const [{ init, setOCREnv }, { createCanvas, ImageData }] = await Promise.all([
    import('esearch-ocr'),
    import('@napi-rs/canvas'),
  ]);
  setOCREnv({
    canvas: (width, height) => createCanvas(width, height),
    imageData: (data: Uint8ClampedArray, width: number, height: number) => new ImageData(data, width, height),
  });
  const reader = (await init({
    ort,
    ortOption: { intraOpNumThreads: settings.threads },
    det: { input: detection },
    rec: { input: recognition, decodeDic: letters },
  })) as unknown as Recogniser;
  return {
    identity: `paddle-${valueHash([await hashFiles([detection, recognition]), confidence, LONGEST]).slice(0, 16)}`,
    async read(source) {
      const size = await imageSize(source);
      const scale = Math.min(1, LONGEST / Math.max(size.width, size.height));
      const [width, height] = [size.width, size.height].map((side) => Math.max(1, Math.round(scale * side)));
      const { data } = await decodeImage(source, { width, height, fit: 'stretch' });
      const { src: lines } = await reader.ocr(new ImageData(opaque(data), width, height));
      return inOrder(lines.filter(({ mean }) => mean >= confidence));
    },
  };
}

/** @throws UserError for a folder that has no such network */
function networkFile(folder: string, model: string, part: string): string {
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];
  const name = names.find((each) => each.endsWith('.onnx') && each.includes(`_${part}`));
  if (name && existsSync(join(folder, name))) return join(folder, name);
  throw new UserError(
    `ocr.model: ${model} has no *_${part}*.onnx. Give a folder of PaddleOCR, or run npx moon-lab model get pp-ocr and name pp-ocr.`,
  );
}

/** Red, green and blue -> with an alpha of 255. */
function opaque(data: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray((data.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) out.set(data.subarray(from, from + 3), to);
  return out;
}

/** Lines from the top; of lines that overlap in height, the left one first. */
function inOrder(lines: readonly Line[]): string {
  const places = lines.map(({ text, box }) => {
    const ys = box.map(([, y]) => y);
    return { text: text.trim(), x: Math.min(...box.map(([x]) => x)), top: Math.min(...ys), bottom: Math.max(...ys) };
  });
  const middle = ({ top, bottom }: (typeof places)[number]) => (top + bottom) / 2;
  const sorted = places.toSorted((a, b) => middle(a) - middle(b));
  const rows: (typeof places)[] = [];
  for (const place of sorted) {
    const row = rows.at(-1);
    if (row && middle(place) < row[0].bottom && middle(place) > row[0].top) row.push(place);
    else rows.push([place]);
  }
  return rows
    .flatMap((row) => row.toSorted((a, b) => a.x - b.x).map(({ text }) => text))
    .filter(Boolean)
    .join(' ');
}
