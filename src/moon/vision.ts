/**
 * Where visual tokens come from.
 * - `qwen`: the network's own vision tower, trained with the rest (the paper's).
 * - `onnx`: a frozen image encoder as an ONNX file, or a folder that holds `model.onnx`; its patch features are computed once, kept on
 *   disk, and projected. `variants` of every training photo are kept, each drawn by the augmentation: 1 is the photo as it is.
 */
export type VisionOption = { kind: 'qwen' } | { kind: 'onnx'; model: string; variants?: number };
