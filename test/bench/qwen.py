"""The rival of test/bench/qwen.ts and step.ts: the same network, batch and step in transformers on PyTorch. One JSON request a line in, one number out."""
import json
import os
import sys
import time

# Threads that spin while they wait make PyTorch ten times slower as soon as anything else runs on the machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import transformers
from transformers import DynamicCache, Qwen2_5_VLConfig, Qwen2_5_VLModel

prepared = {}


class GuidedExperts(torch.nn.Module):
    """Category and attribute tokens to their own expert, the others to the one that a softmax gate chooses (as in Mixtral's code)."""

    def __init__(self, dense, make, count, groups):
        super().__init__()
        self.experts = torch.nn.ModuleList(make() for _ in range(count))
        for expert in self.experts:
            expert.load_state_dict(dense.state_dict())
        width = dense.gate_proj.in_features
        self.gate = torch.nn.Linear(width, count - 2, bias=False)
        for name, rows in groups.items():
            self.register_buffer(name, rows)
        self.balance = 0

    def forward(self, x):
        rows = x.view(-1, x.shape[-1])
        out = torch.zeros_like(rows)
        *ordinary, category, attribute = self.experts
        free = rows[self.ordinary]
        probabilities = self.gate(free).softmax(-1)
        gates, choice = probabilities.max(-1)
        share = torch.nn.functional.one_hot(choice, len(ordinary)).float().mean(0)
        self.balance = len(ordinary) * (share * probabilities.mean(0)).sum()
        for number, expert in enumerate(ordinary):
            (own,) = torch.where(choice == number)
            out.index_add_(0, self.ordinary[own], (expert(free[own]) * gates[own, None]).to(out.dtype))
        out.index_add_(0, self.category, category(rows[self.category]).to(out.dtype))
        out.index_add_(0, self.attribute, attribute(rows[self.attribute]).to(out.dtype))
        return out.view_as(x)


def add_experts(model, config, request):
    aspects, batch = request["aspects"] * request["batch"], request["batch"]
    index = lambda keep: torch.tensor([at for at, aspect in enumerate(aspects) if keep(aspect)])
    groups = dict(
        ordinary=index(lambda each: each not in ("category", "attribute")),
        category=index(lambda each: each == "category"),
        attribute=index(lambda each: each == "attribute"),
    )
    for block in request["experts"]:
        layer = model.language_model.layers[block]
        make = lambda dense=layer.mlp: type(dense)(config.text_config)
        layer.mlp = GuidedExperts(layer.mlp, make, 6, groups)


def prepare(request):
    torch.manual_seed(1)
    config = Qwen2_5_VLConfig(**request["config"])
    model = Qwen2_5_VLModel(config)
    if request.get("experts"):
        add_experts(model, config, request)
    batch, grid = request["batch"], request["grid"]
    images, patches = 2 * batch, grid["h"] * grid["w"]
    vision = config.vision_config
    width = vision.in_channels * vision.temporal_patch_size * vision.patch_size**2
    ids = torch.tensor([request["ids"]] * batch)
    mask = torch.ones_like(ids)
    grids = torch.tensor([[1, grid["h"], grid["w"]]] * images)
    types = (ids == config.image_token_id).int()
    inputs = dict(
        input_ids=ids,
        attention_mask=mask,
        mm_token_type_ids=types,
        pixel_values=torch.randn(images * patches, width),
        image_grid_thw=grids,
        position_ids=model.get_rope_index(ids, types, image_grid_thw=grids, attention_mask=mask)[0],
        use_cache=False,
    )
    target = torch.randn(batch, config.text_config.hidden_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    compiled = torch.compile(model)
    embed = lambda network: torch.nn.functional.normalize(network(**inputs).last_hidden_state.mean(1), dim=-1)

    def step(network, half=False):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            loss = (embed(network) * target).sum()
            for layer in model.language_model.layers:
                loss = loss + getattr(layer.mlp, "balance", 0)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    def embedding(network):
        with torch.inference_mode():
            embed(network)

    language = model.language_model
    fast_language = torch.compile(language)
    cache = DynamicCache()
    length = ids.shape[1]
    with torch.inference_mode():
        if not request.get("experts"):
            language(input_ids=ids[:1], past_key_values=cache, use_cache=True)
    place = torch.full((3, 1, 1), length)

    def token(network):
        with torch.inference_mode():
            last = network(input_ids=ids[:1, :1], position_ids=place, past_key_values=cache, use_cache=True)
            (last.last_hidden_state[:, -1] @ model.get_input_embeddings().weight.T).argmax(-1).item()
            cache.crop(-1)

    work = {"step": step, "embedding": embedding}
    calls = {name: (lambda run=run: run(model)) for name, run in work.items()}
    calls |= {f"{name} compiled": (lambda run=run: run(compiled)) for name, run in work.items()}
    calls["step bfloat16"] = lambda: step(model, half=True)
    calls |= {"token": lambda: token(language), "token compiled": lambda: token(fast_language)}
    return dict(calls=calls, batch=batch)


def megabytes(name):
    """Of this process: VmHWM its peak, RssFile what is mapped from files."""
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) / 1e6 for line in status if line.startswith(name))


def measure(request):
    if request["what"] in ("peak", "mapped"):
        return megabytes("VmHWM" if request["what"] == "peak" else "RssFile")
    if request["name"] not in prepared:
        prepared.clear()
        torch.compiler.reset()
        prepared[request["name"]] = prepare(request)
    work = prepared[request["name"]]
    repeats = 16 if request["what"].startswith("token") else 1
    started = time.perf_counter()
    for _ in range(repeats):
        work["calls"][request["what"]]()
    seconds = (time.perf_counter() - started) / repeats
    return work["batch"] / seconds if request["what"].startswith("embedding") else 1000 * seconds


print(
    f"transformers {transformers.__version__}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
    flush=True,
)
for line in sys.stdin:
    print(measure(json.loads(line)), flush=True)
