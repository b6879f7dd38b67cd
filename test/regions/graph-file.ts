import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = 32;

interface Node {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, object>;
}

const float = { T: { type: 'DT_FLOAT' } };

/**
 * Write the twin of fixtures/regions/brightest.onnx as a tfjs graph model, [1, 32, 32, 3] -> `detections` [1, 1, 6].
 * @param dynamic passes the row through non-maximum suppression, which runs only asynchronously
 */
export function writeGraph(folder: string, { dynamic = false } = {}): string {
  const count = Array.from({ length: SIZE }, (_, at) => at + 1);
  const constants: Record<string, { shape: number[]; dtype: 'float32' | 'int32'; values: number[] }> = {
    limit: { shape: [], dtype: 'float32', values: [128] },
    up: { shape: [SIZE], dtype: 'float32', values: count },
    down: { shape: [SIZE], dtype: 'float32', values: [...count].reverse() },
    size: { shape: [], dtype: 'float32', values: [SIZE] },
    white: { shape: [], dtype: 'float32', values: [255] },
    class: { shape: [1], dtype: 'float32', values: [39] },
    channels: { shape: [1], dtype: 'int32', values: [3] },
    along_y: { shape: [1], dtype: 'int32', values: [1] },
    along_x: { shape: [1], dtype: 'int32', values: [2] },
    all: { shape: [1], dtype: 'int32', values: [1] },
    everything: { shape: [2], dtype: 'int32', values: [1, 2] },
    axis: { shape: [], dtype: 'int32', values: [0] },
    rows: { shape: [3], dtype: 'int32', values: [1, 1, 6] },
    one: { shape: [], dtype: 'int32', values: [1] },
    half: { shape: [], dtype: 'float32', values: [0.5] },
    zero: { shape: [], dtype: 'float32', values: [0] },
    corners: { shape: [2], dtype: 'int32', values: [1, 4] },
    single: { shape: [1], dtype: 'int32', values: [1] },
    table: { shape: [2], dtype: 'int32', values: [1, 6] },
  };
  const node = (name: string, op: string, input: string[], attr: Record<string, object> = float): Node => ({
    name,
    op,
    input,
    attr,
  });
  const max = (name: string, of: string, axes: string) =>
    node(name, 'Max', [of, axes], { ...float, keep_dims: { b: false } });
  const edges = (axis: string, other: string) => [
    max(axis, 'mask', `along_${other}`),
    node(`${axis}_up`, 'Mul', [axis, 'up']),
    max(`${axis}2`, `${axis}_up`, 'all'),
    node(`${axis}_down`, 'Mul', [axis, 'down']),
    max(`${axis}_rest`, `${axis}_down`, 'all'),
    node(`${axis}1`, 'Sub', ['size', `${axis}_rest`]),
  ];
  const joined = (name: string, parts: string[]) =>
    node(name, 'ConcatV2', [...parts, 'axis'], { ...float, N: { i: parts.length } });
  const row = joined('row', ['x1', 'y1', 'x2', 'y2', 'score', 'class']);
  const suppressed = [
    joined('joined_corners', ['y1', 'x1', 'y2', 'x2']),
    node('box', 'Reshape', ['joined_corners', 'corners']),
    node('sure', 'Reshape', ['score', 'single']),
    node('kept', 'NonMaxSuppressionV3', ['box', 'sure', 'one', 'half', 'zero'], {}),
    node('line', 'Reshape', ['row', 'table']),
    node('lines', 'GatherV2', ['line', 'kept', 'axis'], {}),
    node('detections', 'Reshape', ['lines', 'rows']),
  ];
  const nodes: Node[] = [
    ...Object.entries(constants).map(([name, { dtype }]) => ({
      name,
      op: 'Const',
      attr: { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' } },
    })),
    {
      name: 'image',
      op: 'Placeholder',
      attr: {
        dtype: { type: 'DT_FLOAT' },
        shape: { shape: { dim: ['1', '32', '32', '3'].map((size) => ({ size })) } },
      },
    },
    max('level', 'image', 'channels'),
    node('bright', 'Greater', ['level', 'limit']),
    node('mask', 'Cast', ['bright'], { SrcT: { type: 'DT_BOOL' }, DstT: { type: 'DT_FLOAT' } }),
    max('brightest', 'level', 'everything'),
    node('score', 'RealDiv', ['brightest', 'white']),
    ...edges('x', 'y'),
    ...edges('y', 'x'),
    row,
    ...(dynamic ? suppressed : [node('detections', 'Reshape', ['row', 'rows'])]),
  ];
  const graph = {
    format: 'graph-model',
    signature: {
      inputs: {
        image: {
          name: 'image:0',
          dtype: 'DT_FLOAT',
          tensorShape: { dim: ['1', '32', '32', '3'].map((size) => ({ size })) },
        },
      },
      outputs: {
        detections: {
          name: 'detections:0',
          dtype: 'DT_FLOAT',
          tensorShape: { dim: ['1', '-1', '6'].map((size) => ({ size })) },
        },
      },
    },
    modelTopology: { node: nodes, versions: {} },
    weightsManifest: [
      {
        paths: ['graph.bin'],
        weights: Object.entries(constants).map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
      },
    ],
  };
  const bytes = Object.values(constants).map(({ dtype, values }) =>
    Buffer.from((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  );
  writeFileSync(join(folder, 'graph.bin'), Buffer.concat(bytes));
  const file = join(folder, 'graph.json');
  writeFileSync(file, JSON.stringify(graph));
  return file;
}
