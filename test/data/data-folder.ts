import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';

/** A folder with these files, gone after the test. */
export function dataFolder(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'moon-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A small picture: bars whose widths spell the number, so that no two look alike. */
export async function picture(number: number, format: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> {
  const side = 32;
  const data = new Uint8Array(side * side * 3);
  for (let at = 0; at < data.length; at++) {
    const [x, y] = [(Math.floor(at / 3) % side) >> 3, Math.floor(at / 3 / side) >> 3];
    const bit = (Math.imul(number + 1, 0x9e3779b1) >>> ((x + 4 * y + 8 * (at % 3)) % 32)) & 1;
    data[at] = bit ? 230 : 20;
  }
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}
