"""Embed with the moon-lab model of this folder in Python: its experts, aspects and pooling on the network of transformers.

Needs torch, transformers, tokenizers, safetensors and numpy.

    import sys; sys.path.insert(0, "RUN/checkpoints/step-00000100/model")
    from moon import Moon
    moon = Moon("RUN/checkpoints/step-00000100/model")
    vector = moon.embed(title="Oat milk 1 l", category=["Drinks", "Plant milk"], images=[moon.pixels("oat.jpg")])

moon-lab shows a product's main image whole, then its core region; give both to get the same vector. A query is a title, images, or both.
Where training read with frozen encoders, moon_frozen.py beside this file runs them: Moon(folder, vision=PATH, text=PATH) says where they are.
"""

import json
import math
import sys
from functools import cached_property
from pathlib import Path

import numpy
import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch.nn.functional import conv2d, gelu, group_norm, linear, normalize, pad, silu
from transformers import AutoModel, logging

PICTURES = ("image", "crop")
MARKS = {
    "idefics3": (["<fake_token_around_image>", "<global-img>"], "<image>", ["<fake_token_around_image>"]),
    "qwen": (["<|vision_start|>"], "<|image_pad|>", ["<|vision_end|>"]),
}


class Experts(torch.nn.Module):
    """The expert layer of one block. `groups` says before each pass which group reads each token; 0 is the ordinary experts."""

    def __init__(self, gate, ordinary, named, top_k, normalised):
        super().__init__()
        self.gate, self.ordinary, self.named, self.top_k = gate, ordinary, named, top_k
        self.normalised = normalised
        self.groups = None

    def forward(self, x):
        rows = x.reshape(-1, x.shape[-1])
        groups = self.groups.to(rows.device)
        weights, choices = torch.softmax(rows @ self.gate.T, -1).topk(self.top_k, -1)
        if self.normalised:
            weights = weights / weights.sum(-1, keepdim=True)
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
        return (silu(gate) * up) @ down.T


class Stem(torch.nn.Module):
    """Convolutions of stride 2 in place of patches: normalised pixels [images, 3, height, width] -> [patches, width], merge unit by unit."""

    def __init__(self, weights, merge):
        super().__init__()
        self.weights, self.merge = weights, merge
        self.stages = sum(name.endswith(".conv.weight") for name in weights)

    def forward(self, x):
        for stage in range(self.stages):
            kernel, gain, bias = (self.weights[f"{stage}.{name}"] for name in ("conv.weight", "norm.weight", "norm.bias"))
            channels = len(gain)
            y = conv2d(pad(x, (0, 1, 0, 1)), kernel, stride=2)
            x = silu(group_norm(y, 1 if channels % 8 else channels // 8, gain, bias, 1e-5))
        units = x.unflatten(3, (-1, self.merge)).unflatten(2, (-1, self.merge)).permute(0, 2, 4, 3, 5, 1)
        return linear(units.reshape(-1, x.shape[1]), self.weights["proj.weight"], self.weights["proj.bias"])


class Moon:
    def __init__(self, folder, vision=None, text=None):
        """`vision` and `text` are the folders of the frozen encoders, by default those that training named."""
        self.folder = folder = Path(folder)
        self.given = {"vision": vision, "text": text}
        saved = json.loads((folder / "moon.json").read_text())
        self.config, self.normalisation = saved["config"], saved["normalisation"]
        self.network = json.loads((folder / "config.json").read_text())
        if self.config["vision"]["kind"] == "own" and "vision_config" in self.network:
            kind = self.network["model_type"]
            raise NotImplementedError(
                f"This model has a new tower in place of that of a {kind} (vision.kind 'own'), which this file does not run; embed with moon-lab."
            )
        if (self.config.get("fusion") or {}).get("kind", "none") != "none":
            raise NotImplementedError(
                "This model fuses the vector of the pictures with the embedding (fusion.kind), which this file does not run; embed with moon-lab."
            )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.model = self._published(folder)
        self.weights = self._added_weights(folder)
        self._open_tower()
        self.reads_frozen = (self.config.get("text") or {}).get("kind") == "frozen"
        experts = self.config["experts"]
        guide = experts.get("guide") or {"category": "category", "attribute": "attribute"}
        self.guide = guide if experts["kind"] == "guided" else {}
        self.layers = {} if experts["kind"] == "none" else self._expert_layers(experts)
        layers = getattr(self.model, "language_model", getattr(self.model, "text_model", self.model)).layers
        for block, layer in self.layers.items():
            layers[block].mlp = layer
        self.read_rows = None
        self.model.get_input_embeddings().register_forward_hook(self._place)

    @staticmethod
    def _published(folder):
        """The network as transformers knows it, without its report of weights that are read below."""
        verbosity = logging.get_verbosity()
        logging.set_verbosity_error()
        try:
            return AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        finally:
            logging.set_verbosity(verbosity)

    def _added_weights(self, folder):
        """What transformers does not know: experts, a stem, projectors."""
        parts = ["projector.", "visual." if self.config["vision"]["kind"] == "own" else "visual.stem."]
        if self.config["experts"]["kind"] != "none":
            parts.append(".mlp.")
        tensors = {}
        for file in sorted(folder.glob("*.safetensors")):
            with safe_open(file, "pt") as source:
                names = (name for name in source.keys() if any(part in name for part in parts))
                tensors.update({name: source.get_tensor(name) for name in names})
        return tensors

    def _open_tower(self):
        vision = self.config["vision"]
        self.pool = vision.get("pool", 4) if vision["kind"] == "onnx" else None
        start = "visual.stem."
        stem = {name.split(start)[1]: tensor for name, tensor in self.weights.items() if start in name}
        self.own = self._own_tower(stem) if vision["kind"] == "own" else None
        self.tower = self.own.config.to_dict() if self.own else self.network.get("vision_config", {})
        self.stem = bool(stem) and self.pool is None
        if self.stem:
            (self.own or self.model.visual).patch_embed = Stem(stem, self.tower["spatial_merge_size"])

    def _own_tower(self, stem):
        """A new tower before a language model: that of a Qwen2.5-VL, which attends to whole pictures with heads of 32 numbers."""
        from transformers.models.qwen2_5_vl import configuration_qwen2_5_vl, modeling_qwen2_5_vl

        weights = {name.split("visual.")[1]: tensor for name, tensor in self.weights.items() if name.startswith("visual.")}
        width = len(weights["merger.ln_q.weight"])
        depth = sum(name.endswith("norm1.weight") for name in weights)
        stages = sum(name.endswith("conv.weight") for name in stem)
        config = configuration_qwen2_5_vl.Qwen2_5_VLVisionConfig(
            depth=depth,
            hidden_size=width,
            num_heads=width // 32,
            intermediate_size=len(weights["blocks.0.mlp.gate_proj.weight"]),
            out_hidden_size=len(weights["merger.mlp.2.weight"]),
            patch_size=2**stages if stages else weights["patch_embed.proj.weight"].shape[-1],
            fullatt_block_indexes=list(range(depth)),
        )
        tower = modeling_qwen2_5_vl.Qwen2_5_VisionTransformerPretrainedModel(config).eval()
        tower.load_state_dict(weights, strict=False)
        return tower

    @cached_property
    def pictures(self):
        """The frozen image encoder."""
        frozen = self._frozen()
        return frozen.Pictures(frozen.folder_of(self.given["vision"] or self.config["vision"]["model"], "vision"), self.pool)

    @cached_property
    def sentences(self):
        """The frozen sentence encoder."""
        frozen = self._frozen()
        return frozen.Sentences(frozen.folder_of(self.given["text"] or self.config["text"]["model"], "text"))

    def _frozen(self):
        sys.path.insert(0, str(self.folder))
        try:
            import moon_frozen
        finally:
            sys.path.remove(str(self.folder))
        return moon_frozen

    def _expert_layers(self, experts):
        names = list(dict.fromkeys(self.guide.values()))

        def find(block, part):
            end = f"layers.{block}.mlp.{part}"
            return next(tensor for name, tensor in self.weights.items() if name.endswith(end))

        def group(block, name):
            return find(block, f"{name}.gate_up_proj"), find(block, f"{name}.down_proj")

        return {
            block: Experts(
                find(block, "gate.weight"),
                group(block, "experts"),
                [group(block, name) for name in names],
                experts["topK"],
                experts["kind"] == "modality",
            )
            for block in experts["blocks"]
        }

    def pixels(self, image, whole=None):
        """The pixels of an image file or PIL image as the network sees them [height, width, 3], from 0 to 1: a square, or with dynamic
        resolution the size of `size_of`. `whole` is the image that a core region was cut from, whose light white balance corrects."""
        from PIL import Image, ImageOps

        def opened(given):
            given = ImageOps.exif_transpose(given if isinstance(given, Image.Image) else Image.open(given))
            if not given.has_transparency_data:
                return given.convert("RGB")
            white = Image.new("RGBA", given.size, "white")
            return Image.alpha_composite(white, given.convert("RGBA")).convert("RGB")

        image = opened(image)
        size = self.size_of(*image.size)
        # As libvips does.
        kernel = Image.Resampling.LANCZOS if size[0] < image.width else Image.Resampling.BICUBIC
        resized = image.resize(size, kernel)
        values = numpy.asarray(resized, dtype=numpy.float32) / 255
        strength = self.config["vision"].get("whiteBalance", 0)
        if not strength:
            return values
        means = numpy.asarray(image if whole is None else opened(whole), dtype=numpy.float32).mean((0, 1))
        return values * (max(means.mean(), 5) / numpy.maximum(means, 5)) ** strength

    def size_of(self, width, height):
        """The width and height in pixels at which the network sees an image."""
        if self.pool:
            return self.pictures.side, self.pictures.side
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
        """Token ids, their aspects, and the texts in order: [image][crop] ... [words][title][category][attributes]. `words` are those on the
        pictures, where the model reads them (`ocr`)."""
        before, piece, after = self._marks
        mark = lambda tokens: [self.tokenizer.token_to_id(token) for token in tokens]
        ids, aspects, texts = [], [], []

        def add(aspect, more):
            ids.extend(more)
            aspects.extend([aspect] * len(more))

        def text(aspect, content):
            content = content.strip()
            if content:
                texts.append(content)
                add(aspect, self._ids(content))

        for at, pixels in enumerate(images):
            aspect = "crop" if at % 2 or self.config["views"] == "crop" else "image"
            count = self.pool**2 if self.pool else pixels.shape[0] * pixels.shape[1] // self.pixels_per_token**2
            add(aspect, mark(before) + mark([piece]) * count + mark(after))
        text("words", words)
        text("title", title)
        text("category", " > ".join(category))
        for name, values in (attributes or {}).items():
            text("attribute", f"{name}: {', '.join(values)};")
        return ids, aspects, texts

    def _ids(self, text):
        if self.reads_frozen:
            return [self.tokenizer.token_to_id("[mask]")] * len(self._reading(text)[0])
        return self.tokenizer.encode(f" {text}", add_special_tokens=False).ids[: self.config["maxTextTokens"]]

    @torch.no_grad()
    def _reading(self, text):
        return self.sentences.read(text, self.config["maxTextTokens"])

    @property
    def _marks(self):
        return MARKS.get(self.network["model_type"], MARKS["qwen"])

    @property
    def pixels_per_token(self):
        return self.tower["patch_size"] * (self.tower.get("spatial_merge_size") or self.network["scale_factor"])

    def embed(self, **product):
        """The unit vector [width] of a product or a query; see `sequence` for its fields."""
        ids, aspects, texts = self.sequence(**product)
        if not ids:
            raise ValueError("Got neither images nor a text to read; give images=, title= or another field of `sequence`.")
        return self.read(ids, aspects, product.get("images", ()), texts).numpy()

    @torch.no_grad()
    def read(self, ids, aspects, images=(), texts=()):
        """The unit vector of token ids with their aspects; `images` are as `pixels` makes them, `texts` what frozen encoders read."""
        features = self.pictures.encode(images) if self.pool and len(images) else None
        readings = [self._reading(text) for text in texts] if self.reads_frozen else []
        vector = self._learned(ids, aspects, images, features, readings)
        embedding = self.config.get("embedding") or {"kind": "learned"}
        if embedding["kind"] == "joined":
            return self._joined(vector, features, readings, embedding["frozen"])
        if not len(images) or not self.config["vision"].get("mirrored"):
            return vector
        mirrored = [numpy.ascontiguousarray(image[:, ::-1]) for image in images]
        return normalize(vector + self._learned(ids, aspects, mirrored, features, readings), dim=0)

    def _learned(self, ids, aspects, images, features, readings):
        names = list(dict.fromkeys(self.guide.values()))
        groups = [1 + names.index(self.guide[aspect]) if aspect in self.guide else 0 for aspect in aspects]
        for layer in self.layers.values():
            layer.groups = torch.tensor(groups)
        if self.own and len(images):
            shown = self._pixels(images)
            features = self.own(shown["pixel_values"], grid_thw=shown["image_grid_thw"]).pooler_output
        self.read_rows = self._rows(ids, aspects, features, readings)
        hidden = self.model(**self._inputs(ids, images, features), use_cache=False).last_hidden_state[0]
        return normalize(hidden.mean(0) if self.config["pooling"]["kind"] == "mean" else hidden[-1], dim=0)

    def _joined(self, vector, features, readings, frozen):
        """The learned vector beside those of the frozen encoders, each of length 1 or absent: their share of a similarity is `frozen`."""
        parts = []
        if self.pool:
            means = torch.zeros(1, self.config["vision"].get("width", 1280)) if features is None else features.mean(1)
            parts.append(normalize(normalize(means, dim=1).sum(0), dim=0))
        if self.reads_frozen:
            sentences = [sentence for _, sentence in readings] or [torch.zeros(self.config["text"].get("width", 384))]
            parts.append(normalize(sum(sentences), dim=0))
        count = max(1, sum(bool(part.any()) for part in parts))
        return torch.cat([vector * (1 - frozen) ** 0.5, *(part * (frozen / count) ** 0.5 for part in parts)])

    def _rows(self, ids, aspects, features, readings):
        """What frozen encoders or a tower of its own read, projected, and the places of the tokens that it stands for."""
        piece = self.tokenizer.token_to_id(self._marks[1])
        rows = []
        if features is not None:
            places = [at for at, aspect in enumerate(aspects) if aspect in PICTURES and ids[at] == piece]
            rows.append((places, features if self.own else self._projected("vision.projector", features.flatten(0, 1))))
        if readings:
            places = [at for at, aspect in enumerate(aspects) if aspect not in PICTURES]
            rows.append((places, self._projected("text.projector", torch.cat([tokens for tokens, _ in readings]))))
        return rows

    def _projected(self, name, rows):
        find = lambda end: next((tensor for full, tensor in self.weights.items() if full.endswith(f"{name}.{end}")), None)
        tokens = linear(rows, find("weight"), find("bias"))
        second = find("second.weight")
        return tokens if second is None else linear(gelu(tokens), second, find("second.bias"))

    def _place(self, module, given, embeddings):
        for places, values in self.read_rows or ():
            embeddings[0, places] = values
        return embeddings

    def _inputs(self, ids, images, features):
        inputs = {"input_ids": torch.tensor([ids]), **({} if self.pool or self.own else self._pixels(images))}
        if self.config["attention"] == "bidirectional":
            # A mask of four dimensions stands as it is, in place of the causal one.
            inputs["attention_mask"] = torch.zeros(1, 1, len(ids), len(ids))
        grids = inputs.get("image_grid_thw")
        if self.pool and features is not None and hasattr(self.model, "get_rope_index"):
            side = self.pool * self.tower["spatial_merge_size"]
            grids = torch.tensor([[1, side, side]] * len(features))
        if grids is not None:
            types = (inputs["input_ids"] == self.network["image_token_id"]).int()
            inputs["position_ids"] = self.model.get_rope_index(inputs["input_ids"], types, grids)[0]
        return inputs

    def _pixels(self, images):
        if not len(images):
            return {}
        mean, std = (numpy.asarray(self.normalisation[name], dtype=numpy.float32) for name in ("mean", "std"))
        normalised = [((image - mean) / std).transpose(2, 0, 1) for image in images]
        if self.network["model_type"] == "idefics3":
            return {"pixel_values": torch.tensor(numpy.stack(normalised)[None])}
        patch, merge, frames = (self.tower[name] for name in ("patch_size", "spatial_merge_size", "temporal_patch_size"))

        def patches(image):
            channels, height, width = image.shape
            split = image.reshape(channels, height // patch // merge, merge, patch, width // patch // merge, merge, patch)
            parts = split.transpose(1, 4, 2, 5, 0, 3, 6).reshape(-1, channels, 1, patch, patch)
            return parts.repeat(frames, axis=2).reshape(len(parts), -1)

        grid = [[1, image.shape[1] // patch, image.shape[2] // patch] for image in normalised]
        values = numpy.stack(normalised) if self.stem else numpy.concatenate([patches(image) for image in normalised])
        return {"pixel_values": torch.tensor(values), "image_grid_thw": torch.tensor(grid)}
