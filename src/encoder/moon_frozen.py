"""The frozen encoders that a moon-lab network may read with: EfficientNet-lite or an ONNX file for images, a BERT sentence encoder for texts.

They lie outside of the model folder: `npx moon-lab model get NAME` downloads them. An ONNX file needs onnxruntime.
"""

import json
import math
import os
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn.functional import adaptive_avg_pool2d, batch_norm, conv2d, normalize, pad
from transformers import AutoModel

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
# Blocks of each stage and the stride of its first one.
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))


def folder_of(model, option):
    """A path as it is, or the folder of the network of this name that moon-lab downloaded."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moon-lab"
    for path in (Path(model), Path(os.environ.get("MOON_CACHE") or cache) / "models" / model):
        if path.exists():
            return path
    raise FileNotFoundError(
        f"{model}: the frozen encoder of this model is not there; run npx moon-lab model get {model}, or name its folder: Moon(folder, {option}=PATH)."
    )


class Pictures:
    """A frozen image encoder. `side` is that of its input, in pixels."""

    def __init__(self, path, pool):
        self.pool = pool
        folder = path if path.is_dir() else path.parent
        config = folder / "config.json"
        lite = path.is_dir() and config.exists() and json.loads(config.read_text()).get("model_type") == "efficientnet-lite"
        file = folder / "preprocessor_config.json"
        given = json.loads(file.read_text()) if file.exists() else {}
        usual = {"do_rescale": True, "do_normalize": True, "rescale_factor": 1 / 255}
        if any(given.get(name, value) != value for name, value in usual.items()):
            raise NotImplementedError(f"{file}: has do_rescale, rescale_factor or do_normalize other than usual, which this file does not apply.")
        self.mean, self.std = (torch.tensor(given.get(name, IMAGENET[name])) for name in ("image_mean", "image_std"))
        size = given.get("crop_size" if given.get("do_center_crop") else "size", 224)
        self.side = size if isinstance(size, int) else size.get("height", size.get("shortest_edge"))
        if lite:
            self._run = EfficientNetLite(folder)
        else:
            self._run, side = onnx(path / "model.onnx" if path.is_dir() else path)
            self.side = side if isinstance(side, int) else self.side

    def encode(self, images):
        """Pixels [side, side, 3] from 0 to 1 -> features [images, pool * pool, width], of mean square 1 for each image."""
        pixels = torch.tensor(numpy.stack(images), dtype=torch.float32)
        grid = adaptive_avg_pool2d(self._run(((pixels - self.mean) / self.std).permute(0, 3, 1, 2)), self.pool)
        features = grid.flatten(2).transpose(1, 2)
        # moon-lab keeps features at half precision.
        return (features / features.square().mean((1, 2), keepdim=True).sqrt()).half().float()


class EfficientNetLite:
    def __init__(self, folder):
        depth = json.loads((folder / "config.json").read_text())["depth"]
        self.weights = load_file(folder / "model.safetensors")
        counts = [blocks if stage in (0, len(STAGES) - 1) else math.ceil(blocks * depth) for stage, (blocks, _) in enumerate(STAGES)]
        self.strides = [1 if at else stride for (_, stride), count in zip(STAGES, counts) for at in range(count)]

    def _layer(self, x, conv, norm, stride=1):
        """A convolution, padded as TensorFlow does, and its batch norm."""
        kernel = self.weights[f"{conv}.weight"]
        total = [max((math.ceil(side / stride) - 1) * stride + kernel.shape[-1] - side, 0) for side in x.shape[2:]]
        (top, left), (bottom, right) = [each // 2 for each in total], [each - each // 2 for each in total]
        y = conv2d(pad(x, (left, right, top, bottom)), kernel, stride=stride, groups=x.shape[1] // kernel.shape[1])
        mean, variance, gain, shift = (self.weights[f"{norm}.{name}"] for name in ("running_mean", "running_var", "weight", "bias"))
        return batch_norm(y, mean, variance, gain, shift, eps=1e-3)

    def __call__(self, x):
        x = self._layer(x, "_conv_stem", "_bn0", 2).clamp(0, 6)
        for at, stride in enumerate(self.strides):
            name, wide = f"_blocks.{at}.", x
            if f"{name}_expand_conv.weight" in self.weights:
                wide = self._layer(x, f"{name}_expand_conv", f"{name}_bn0").clamp(0, 6)
            seen = self._layer(wide, f"{name}_depthwise_conv", f"{name}_bn1", stride).clamp(0, 6)
            out = self._layer(seen, f"{name}_project_conv", f"{name}_bn2")
            x = x + out if stride == 1 and out.shape == x.shape else out
        return self._layer(x, "_conv_head", "_bn1").clamp(0, 6)


def onnx(file):
    """An ONNX file, and the side of its input where it has one: `pixel_values` [batch, 3, side, side] -> hidden states, whose first one of more
    than a square number is dropped."""
    try:
        from onnxruntime import InferenceSession
    except ImportError as error:
        raise ImportError(f"{file}: needs the package onnxruntime; run pip install onnxruntime.") from error

    session = InferenceSession(file, providers=["CPUExecutionProvider"])
    [given] = session.get_inputs()
    output = next(each.name for each in session.get_outputs() if len(each.shape) == 3)

    def run(x):
        states = torch.tensor(session.run([output], {given.name: x.numpy()})[0])
        grid = math.isqrt(states.shape[1])
        return states[:, states.shape[1] - grid * grid :].transpose(1, 2).unflatten(2, (grid, grid))

    return run, given.shape[2]


class Sentences:
    """A frozen sentence encoder of the BERT family."""

    def __init__(self, folder):
        self.model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def read(self, text, most):
        """The states of at most `most` tokens [tokens, width], of mean square 1, and the sentence embedding [width], of length 1."""
        if self.tokenizer.token_to_id("[MASK]") is not None:
            text = text.replace("[mask]", "[MASK]")
        ids = self.tokenizer.encode(text).ids
        longest = min(most + 2, self.model.config.max_position_embeddings)
        ids = [*ids[: longest - 1], ids[-1]] if len(ids) > longest else ids
        states = self.model(torch.tensor([ids])).last_hidden_state[0]
        own = states[1 : max(2, len(ids) - 1)]
        return own / own.square().mean().sqrt(), normalize(states.mean(0), dim=0)
