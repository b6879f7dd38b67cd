import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../checks/error.js';
import { missingPath } from '../checks/missing-path.js';
import { supportedEnding } from '../data/images/image-endings.js';
import { tableEndings } from '../data/tables/table-kind.js';

const archives = /\.(zip|tar|tgz|tar\.gz|7z|rar|bz2|xz)$/i;

/**
 * Why a path gives no products, and what to do.
 * @param layouts names of the data sets that were tried
 */
export function nothingFound(path: string, layouts: string): UserError {
  const shown = `data: ${JSON.stringify(path)}`;
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return missingPath(path, 'data');
  if (!entry.isDirectory()) {
    if (archives.test(path)) return new UserError(`${shown} is an archive. Unpack it, and give the folder.`);
    if (/\.xls$/i.test(path))
      return new UserError(`${shown} is an Excel table of the old format. Save it as .xlsx or as CSV.`);
    return new UserError(
      `${shown} is no table: expected a file that ends in ${tableEndings.join(' | ')}, or a folder.`,
    );
  }
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const packed = names.find((name) => archives.test(name));
  if (packed) return new UserError(`${shown} holds no table, and the archive ${basename(packed)}. Unpack it there.`);
  const images = names.filter((name) => supportedEnding.test(name)).length;
  if (images)
    return new UserError(
      `${shown} holds ${images} images and no table. Put a table beside them, such as a CSV with the columns id and title; images are found by id.`,
    );
  return new UserError(
    `${shown} holds no products in any of the layouts ${layouts}. Check the path, or give a table: ${tableEndings.join(' | ')}.`,
  );
}
