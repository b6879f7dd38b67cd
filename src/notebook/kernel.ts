import { createRequire } from 'node:module';

/** One output of a cell in several MIME types; the front end shows the richest one that it supports. */
export type Bundle = Record<string, string>;

/** tslab's function that writes an output to the running cell; `update` replaces the output with the same display id. */
type WriteDisplay = (
  content: { data: Bundle; metadata: object; transient: { display_id?: string } },
  update: boolean,
) => void;

/**
 * The display function of the running tslab kernel, or undefined outside a notebook. tslab is not imported: its kernel has already loaded
 * the module from wherever Jupyter started it, and a second copy would not be connected to the cell.
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
