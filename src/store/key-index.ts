/** A hash table of 32-bit places by keys that stand elsewhere: 8 to 16 bytes a key, where a Map of texts takes 150. */
export interface KeyIndex {
  find(key: Buffer): number | undefined;
  /** Add a place whose key is not there yet. */
  add(key: Buffer, place: number): void;
}

const EMPTY = 0xffffffff;

/** @param isAt whether the key of a place is this one. Keys are hashes, so their first four bytes spread them. */
export function keyIndex(isAt: (place: number, key: Buffer) => boolean): KeyIndex {
  let slots = new Uint32Array(1024).fill(EMPTY);
  let starts = new Uint32Array(1024);
  let count = 0;

  /** Where the key is, or where it belongs. */
  function slotOf(start: number, isWanted: (place: number) => boolean): number {
    const mask = slots.length - 1;
    let slot = start & mask;
    while (slots[slot] !== EMPTY && !(starts[slot] === start && isWanted(slots[slot]))) slot = (slot + 1) & mask;
    return slot;
  }

  function grow(): void {
    const [oldSlots, oldStarts] = [slots, starts];
    slots = new Uint32Array(oldSlots.length * 2).fill(EMPTY);
    starts = new Uint32Array(slots.length);
    oldSlots.forEach((place, at) => {
      if (place !== EMPTY) put(oldStarts[at], place, () => false);
    });
  }

  function put(start: number, place: number, isWanted: (place: number) => boolean): void {
    const slot = slotOf(start, isWanted);
    slots[slot] = place;
    starts[slot] = start;
  }

  return {
    find(key) {
      const place = slots[slotOf(key.readUInt32LE(0), (each) => isAt(each, key))];
      return place === EMPTY ? undefined : place;
    },
    add(key, place) {
      if (2 * ++count > slots.length) grow();
      put(key.readUInt32LE(0), place, (each) => isAt(each, key));
    },
  };
}
