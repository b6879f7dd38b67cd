import { type Binding, rawBackend } from '../../src/engine/compile/native-backend.js';
import { row } from './sized.js';
import type { BenchRow } from './table.js';

/** Where the time of `work` goes, operation by operation, as shares of the time inside TensorFlow: the largest `most` and the rest. */
export function profileRows(name: string, work: () => void, most = 8): BenchRow[] {
  work();
  const backend = rawBackend();
  const original = backend.binding;
  const spent = new Map<string, { time: number; count: number }>();
  const executeOp: Binding['executeOp'] = (op, ...rest) => {
    const started = performance.now();
    const outputs = original.executeOp(op, ...rest);
    const entry = spent.get(op) ?? { time: 0, count: 0 };
    spent.set(op, { time: entry.time + performance.now() - started, count: entry.count + 1 });
    return outputs;
  };
  // The binding's own properties cannot be replaced.
  backend.binding = Object.create(original, Object.getOwnPropertyDescriptors({ executeOp })) as Binding;
  try {
    work();
  } finally {
    backend.binding = original;
  }
  const sorted = [...spent].sort(([, a], [, b]) => b.time - a.time);
  const total = sorted.reduce((sum, [, { time }]) => sum + time, 0);
  const rest = sorted.slice(most).reduce((sum, [, { time }]) => sum + time, 0);
  const unit = '% of the time inside operations, one by one';
  return [
    ...sorted.slice(0, most).map(([op, { time, count }]) => row(`  ${op} (${count})`, (100 * time) / total, unit)),
    row('  the others', (100 * rest) / total, unit),
  ].map((each) => ({ ...each, name: `${name}: ${each.name.trim()}` }));
}
