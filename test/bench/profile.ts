import { type Binding, rawBackend } from '../../src/engine/compile/native-backend.js';
import { row } from './sized.js';
import type { BenchRow } from './table.js';

/** Where the time of `work` goes, operation by operation, as shares of the time inside TensorFlow: the largest `most` and the rest. */
export function profileRows(name: string, work: () => void, max = 8): BenchRow[] {
  work();
  const spent = new Map<string, { time: number; count: number }>();
  withBinding((original) => {
    const executeOp: Binding['executeOp'] = (op, ...rest) => {
      const started = performance.now();
      const outputs = original.executeOp(op, ...rest);
      const entry = spent.get(op) ?? { time: 0, count: 0 };
      spent.set(op, { time: entry.time + performance.now() - started, count: entry.count + 1 });
      return outputs;
    };
    return { executeOp };
  }, work);
  const sorted = [...spent].sort(([, a], [, b]) => b.time - a.time);
  const total = sorted.reduce((sum, [, { time }]) => sum + time, 0);
  const rest = sorted.slice(max).reduce((sum, [, { time }]) => sum + time, 0);
  const unit = '% of the time inside operations, one by one';
  return [
    ...sorted.slice(0, max).map(([op, { time, count }]) => row(`  ${op} (${count})`, (100 * time) / total, unit)),
    row('  the others', (100 * rest) / total, unit),
  ].map((each) => ({ ...each, name: `${name}: ${each.name.trim()}` }));
}

/** Share of the milliseconds of `work` that native graphs take; the others go to JavaScript. */
export function graphShare(work: () => void): number {
  let inside = 0;
  const started = performance.now();
  withBinding((original) => {
    const runSavedModel: Binding['runSavedModel'] = (...given) => {
      const called = performance.now();
      const outputs = original.runSavedModel(...given);
      inside += performance.now() - called;
      return outputs;
    };
    return { runSavedModel };
  }, work);
  return inside / (performance.now() - started);
}

/** Do `work` with some of the binding's methods replaced. Its own properties cannot be written. */
function withBinding(replace: (original: Binding) => Partial<Binding>, work: () => void): void {
  const backend = rawBackend();
  const original = backend.binding;
  backend.binding = Object.create(original, Object.getOwnPropertyDescriptors(replace(original))) as Binding;
  try {
    work();
  } finally {
    backend.binding = original;
  }
}
