import { createRequire } from 'node:module';

/** One output of a cell in several forms, by MIME type: the front end shows the richest that it can. */
export type Bundle = Record<string, string>;

/** tslab's way to the running cell: `update` replaces an output that has the same display id. */
type WriteDisplay = (
  content: { data: Bundle; metadata: object; transient: { display_id?: string } },
  update: boolean,
) => void;

/**
 * The running tslab kernel's display function, or nothing outside a notebook. tslab is never imported: inside its kernel
 * its module is already loaded, from wherever Jupyter started it, and a second copy would not be connected to the cell.
 */
export function kernelDisplay(): WriteDisplay | undefined {
  const { cache } = createRequire(import.meta.url);
  for (const path in cache) {
    if (!/[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(path)) continue;
    const write = cache[path]?.exports?.lastWriteDisplayData;
    if (write) return write;
  }
  return undefined;
}
