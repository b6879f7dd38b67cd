"""Embed with the moon-lab model of this folder in Python: its experts, aspects and pooling on the network of transformers.

Needs torch, transformers, tokenizers, safetensors and numpy.

    import sys; sys.path.insert(0, "RUN/checkpoints/step-00000100/model")
    from moon import Moon
    moon = Moon("RUN/checkpoints/step-00000100/model")
    vector = moon.embed(title="Oat milk 1 l", category=["Drinks", "Plant milk"], images=[moon.pixels("oat.jpg")])

moon-lab shows a product's main image whole, then its core region; give both to get the same vector. A query is a title, images, or both.
"""

import json
import math
from pathlib import Path

import numpy
import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from transformers import AutoModel

ASPECTS = ("image", "crop", "words", "title", "category", "attribute", "prompt")
MARKS = {
    "idefics3": (["<fake_token_around_image>", "<global-img>"], "<image>", ["<fake_token_around_image>"]),
    "qwen": (["<|vision_start|>"], "<|image_pad|>", ["<|vision_end|>"]),
}


class Experts(torch.nn.Module):
    """The expert layer of one block. `groups` says before each pass which group reads each token; 0 is the ordinary experts."""

    def __init__(self, gate, ordinary, named, top_k):
        super().__init__()
        self.gate, self.ordinary, self.named, self.top_k = gate, ordinary, named, top_k
        self.groups = None

    def forward(self, x):
        rows = x.reshape(-1, x.shape[-1])
        groups = self.groups.to(rows.device)
        weights, choices = torch.softmax(rows @ self.gate.T, -1).topk(self.top_k, -1)
        out = torch.zeros_like(rows)
        for choice in range(self.top_k):
            for expert in range(len(self.ordinary[0])):
                reads = (groups == 0) & (choices[:, choice] == expert)
                read = self._run(rows[reads], self.ordinary[0][expert], self.ordinary[1][expert])
                out[reads] += weights[reads, choice, None] * read
        for number, (gate_up, down) in enumerate(self.named, 1):
            out[groups == number] = self._run(rows[groups == number], gate_up[0], down[0])
        return out.reshape(x.shape)

    @staticmethod
    def _run(rows, gate_up, down):
        gate, up = (rows @ gate_up.T).chunk(2, -1)
        return (torch.nn.functional.silu(gate) * up) @ down.T


class Moon:
    def __init__(self, folder):
        folder = Path(folder)
        saved = json.loads((folder / "moon.json").read_text())
        self.config, self.normalisation = saved["config"], saved["normalisation"]
        if self.config["attention"] != "causal":
            raise NotImplementedError("Networks of transformers attend to earlier tokens alone, this model to all of them.")
        if (self.config.get("text") or {}).get("kind") == "frozen":
            raise NotImplementedError("The texts of this model are read by a frozen sentence encoder, which this file does not run.")
        self.network = json.loads((folder / "config.json").read_text())
        if self.network.get("vision_config", {}).get("stem", {}).get("kind", "patch") != "patch":
            raise NotImplementedError("This model has a convolutional stem, which transformers does not know.")
        if self.config["vision"]["kind"] == "own":
            raise NotImplementedError("This model has a vision tower of its own, which transformers does not know.")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        experts = self.config["experts"]
        guide = experts.get("guide") or {"category": "category", "attribute": "attribute"}
        self.guide = guide if experts["kind"] == "guided" else {}
        self.layers = {} if experts["kind"] == "none" else self._expert_layers(folder, experts)
        layers = getattr(self.model, "language_model", getattr(self.model, "text_model", self.model)).layers
        for block, layer in self.layers.items():
            layers[block].mlp = layer

    def _expert_layers(self, folder, experts):
        tensors = {}
        for file in sorted(folder.glob("*.safetensors")):
            with safe_open(file, "pt") as source:
                tensors.update({name: source.get_tensor(name) for name in source.keys() if ".mlp." in name})
        names = list(dict.fromkeys(self.guide.values()))

        def find(block, part):
            end = f"layers.{block}.mlp.{part}"
            return next(tensor for name, tensor in tensors.items() if name.endswith(end))

        def group(block, name):
            return find(block, f"{name}.gate_up_proj"), find(block, f"{name}.down_proj")

        return {
            block: Experts(
                find(block, "gate.weight"),
                group(block, "experts"),
                [group(block, name) for name in names],
                experts["topK"],
            )
            for block in experts["blocks"]
        }

    def pixels(self, image):
        """The pixels of an image file or PIL image as the network sees them [height, width, 3], from 0 to 1: a square, or with dynamic
        resolution the size of `size_of`."""
        from PIL import Image

        image = image if isinstance(image, Image.Image) else Image.open(image)
        resized = image.convert("RGB").resize(self.size_of(*image.size), Image.Resampling.BILINEAR)
        return numpy.asarray(resized, dtype=numpy.float32) / 255

    def size_of(self, width, height):
        """The width and height in pixels at which the network sees an image."""
        side, step = self.config["imageSize"], self.pixels_per_token
        if self.config["vision"].get("resolution", "fixed") == "fixed":
            return side, side
        width, height = min(width, 200 * height), min(height, 200 * width)
        least, most = min((2 * step) ** 2, side**2), side**2
        columns, rows = round(width / step), round(height / step)
        if columns * rows * step**2 > most:
            shrink = math.sqrt(width * height / most)
            columns, rows = (max(1, math.floor(each / shrink / step)) for each in (width, height))
        elif columns * rows * step**2 < least:
            grow = math.sqrt(least / (width * height))
            columns, rows = (math.ceil(each * grow / step) for each in (width, height))
        columns = min(columns, most // step**2)
        return columns * step, min(rows, most // step**2 // columns) * step

    def sequence(self, title="", category=(), attributes=None, images=(), words=""):
        """Token ids and their aspects: [image][crop] ... [words][title][category][attributes]. `words` are those on the pictures, where the
        model reads them (`ocr`)."""
        before, piece, after = MARKS.get(self.network["model_type"], MARKS["qwen"])
        mark = lambda tokens: [self.tokenizer.token_to_id(token) for token in tokens]
        ids, aspects = [], []

        def add(aspect, more):
            ids.extend(more)
            aspects.extend([aspect] * len(more))

        def text(aspect, content):
            if content.strip():
                encoded = self.tokenizer.encode(f" {content.strip()}", add_special_tokens=False).ids
                add(aspect, encoded[: self.config["maxTextTokens"]])

        for at, pixels in enumerate(images):
            aspect = "crop" if at % 2 or self.config["views"] == "crop" else "image"
            count = pixels.shape[0] * pixels.shape[1] // self.pixels_per_token**2
            add(aspect, mark(before) + mark([piece]) * count + mark(after))
        text("words", words)
        text("title", title)
        text("category", " > ".join(category))
        for name, values in (attributes or {}).items():
            text("attribute", f"{name}: {', '.join(values)};")
        return ids, aspects

    @property
    def pixels_per_token(self):
        vision = self.network["vision_config"]
        return vision["patch_size"] * (vision.get("spatial_merge_size") or self.network["scale_factor"])

    def embed(self, **product):
        """The unit vector [width] of a product or a query; see `sequence` for its fields."""
        ids, aspects = self.sequence(**product)
        with torch.no_grad():
            return self.read(ids, aspects, product.get("images", ())).numpy()

    def read(self, ids, aspects, images=()):
        """The unit vector of token ids with their aspects; `images` are as `pixels` makes them."""
        names = list(dict.fromkeys(self.guide.values()))
        groups = [1 + names.index(self.guide[aspect]) if aspect in self.guide else 0 for aspect in aspects]
        for layer in self.layers.values():
            layer.groups = torch.tensor(groups)
        inputs = {"input_ids": torch.tensor([ids]), **self._pixels(images)}
        if "image_grid_thw" in inputs:
            piece = self.network["image_token_id"]
            inputs["mm_token_type_ids"] = (inputs["input_ids"] == piece).int()
        hidden = self.model(**inputs, use_cache=False).last_hidden_state[0]
        pooled = hidden.mean(0) if self.config["pooling"]["kind"] == "mean" else hidden[-1]
        return torch.nn.functional.normalize(pooled, dim=0)

    def _pixels(self, images):
        if not len(images):
            return {}
        if self.config["vision"]["kind"] == "onnx":
            raise NotImplementedError("The images of this model are read by an ONNX encoder, which this file does not run.")
        mean, std = (numpy.asarray(self.normalisation[name], dtype=numpy.float32) for name in ("mean", "std"))
        normalised = [((image - mean) / std).transpose(2, 0, 1) for image in images]
        if self.network["model_type"] == "idefics3":
            return {"pixel_values": torch.tensor(numpy.stack(normalised)[None])}
        vision = self.network["vision_config"]
        patch, merge, frames = vision["patch_size"], vision["spatial_merge_size"], vision["temporal_patch_size"]

        def patches(image):
            channels, height, width = image.shape
            split = image.reshape(channels, height // patch // merge, merge, patch, width // patch // merge, merge, patch)
            parts = split.transpose(1, 4, 2, 5, 0, 3, 6).reshape(-1, channels, 1, patch, patch)
            return parts.repeat(frames, axis=2).reshape(len(parts), -1)

        grid = [[1, image.shape[1] // patch, image.shape[2] // patch] for image in normalised]
        return {
            "pixel_values": torch.tensor(numpy.concatenate([patches(image) for image in normalised])),
            "image_grid_thw": torch.tensor(grid),
        }
