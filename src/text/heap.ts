/** A priority queue. */
export interface Heap<T> {
  push(item: T): void;
  /** Removes and returns the first item; undefined if empty. */
  pop(): T | undefined;
}

/** A binary heap. `order` compares like the argument of Array.sort: negative if `a` comes out before `b`. */
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
