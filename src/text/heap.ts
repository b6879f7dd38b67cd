/** A queue that gives its items back in order, whatever the order they came in. */
export interface Heap<T> {
  push(item: T): void;
  /** The item that comes first, taken out. */
  pop(): T | undefined;
}

/** A binary heap; `order` is negative where its first argument comes out before the second, as in Array.sort. */
export function createHeap<T>(order: (a: T, b: T) => number): Heap<T> {
  const items: T[] = [];
  const swap = (a: number, b: number) => {
    [items[a], items[b]] = [items[b], items[a]];
  };
  return {
    push(item) {
      let at = items.push(item) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && order(items[at], items[parent]) < 0; parent = (at - 1) >> 1) {
        swap(at, parent);
        at = parent;
      }
    },
    pop() {
      if (items.length < 2) return items.pop();
      const first = items[0];
      items[0] = items.pop()!;
      for (let at = 0; ; ) {
        let best = at;
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < items.length && order(items[child], items[best]) < 0) best = child;
        }
        if (best === at) return first;
        swap(at, best);
        at = best;
      }
    },
  };
}
