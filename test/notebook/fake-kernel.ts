import { createRequire } from 'node:module';

export interface Sent {
  data: Record<string, string>;
  id?: string;
  update: boolean;
}

const { cache } = createRequire(import.meta.url);
const path = '/fake/node_modules/tslab/dist/jupyter.js';

/** Looks like a running tslab to `kernelDisplay`; what a cell would display lands in the list that is returned. */
export function startFakeKernel(): Sent[] {
  const sent: Sent[] = [];
  const lastWriteDisplayData = (
    content: { data: Record<string, string>; transient: { display_id?: string } },
    update: boolean,
  ) => sent.push({ data: content.data, id: content.transient.display_id, update });
  cache[path] = { exports: { lastWriteDisplayData } } as unknown as NodeJS.Module;
  return sent;
}

export function stopFakeKernel(): void {
  delete cache[path];
}
