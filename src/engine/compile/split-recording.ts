import type { GraphNode, Recording, Reference } from './recording.js';

/** Begins the name of what the first part keeps for the second. */
export const KEPT = 'kept ';

/**
 * Split a recording into what some of its outputs need, and the rest. The first part gives these outputs, and what the second reads of its
 * results; the second gives the other outputs. Each reads those inputs of the whole that it needs.
 * @param isFirst whether an output is of the first part, by name
 */
export function splitRecording(
  { nodes, outputs }: Recording,
  isFirst: (name: string) => boolean,
): [Recording, Recording] {
  const firstOutputs = [...outputs].filter(([name]) => isFirst(name));
  const needed = new Set(firstOutputs.map(([, { node }]) => node));
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    if (needed.has(at) && node.kind === 'operation') for (const { node: from } of node.inputs) needed.add(from);
  }
  const first = openPart();
  const second = openPart();
  nodes.forEach((node, at) => {
    if (needed.has(at)) first.add(at, node);
  });
  for (const [name, reference] of firstOutputs) first.output(name, reference, reference.dtype);

  /** Make what an operation of the second part reads known to it. */
  const bring = ({ node: at, index }: Reference) => {
    const node = nodes[at];
    if (second.has({ node: at, index }) || !needed.has(at)) return;
    if (node.kind !== 'operation') {
      second.add(at, node);
      return;
    }
    const [name, dtype, shape] = [`${KEPT}${at}:${index}`, node.dtypes[index], node.shapes[index]];
    first.output(name, { node: at, index }, dtype);
    second.add(at, { kind: 'input', name, dtype, shape }, index);
  };
  nodes.forEach((node, at) => {
    if (needed.has(at)) return;
    if (node.kind === 'operation') node.inputs.forEach(bring);
    second.add(at, node);
  });
  for (const [name, reference] of outputs) {
    if (isFirst(name)) continue;
    bring(reference);
    second.output(name, reference, reference.dtype);
  }
  return [first.recording, second.recording];
}

/** A recording that is put together of nodes of another. */
function openPart() {
  const recording: Recording = { nodes: [], outputs: new Map() };
  /** By node and output of the other: all outputs of a node, or one that is an input here. */
  const places = new Map<string, Reference>();
  const placeOf = ({ node, index }: Reference): Reference | undefined => {
    const whole = places.get(`${node}`);
    return whole ? { ...whole, index } : places.get(`${node}:${index}`);
  };
  return {
    recording,
    has: (reference: Reference) => placeOf(reference) !== undefined,
    add(at: number, node: GraphNode, index?: number): void {
      const moved = node.kind === 'operation' ? { ...node, inputs: node.inputs.map((each) => placeOf(each)!) } : node;
      const place = { node: recording.nodes.push(moved) - 1, index: 0 };
      places.set(index === undefined ? `${at}` : `${at}:${index}`, place);
    },
    output: (name: string, reference: Reference, dtype: number) =>
      void recording.outputs.set(name, { ...placeOf(reference)!, dtype }),
  };
}
