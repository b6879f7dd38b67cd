"""The rival of test/bench/qwen.ts: the same network, batch and step in transformers on PyTorch. One JSON request a line in, one number out."""
import json
import os
import sys
import time

# Threads that spin while they wait make PyTorch ten times slower as soon as anything else runs on the machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import transformers
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLModel

prepared = {}


def prepare(request):
    torch.manual_seed(1)
    config = Qwen2_5_VLConfig(**request["config"])
    model = Qwen2_5_VLModel(config)
    batch, grid = request["batch"], request["grid"]
    images, patches = 2 * batch, grid["h"] * grid["w"]
    vision = config.vision_config
    width = vision.in_channels * vision.temporal_patch_size * vision.patch_size**2
    ids = torch.tensor([request["ids"]] * batch)
    inputs = dict(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        mm_token_type_ids=(ids == config.image_token_id).int(),
        pixel_values=torch.randn(images * patches, width),
        image_grid_thw=torch.tensor([[1, grid["h"], grid["w"]]] * images),
        use_cache=False,
    )
    target = torch.randn(batch, config.text_config.hidden_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def step():
        loss = (model(**inputs).last_hidden_state.mean(1) * target).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    def embedding():
        with torch.inference_mode():
            model(**inputs).last_hidden_state.mean(1)

    return dict(step=step, embedding=embedding, batch=batch)


def measure(request):
    if request["name"] not in prepared:
        prepared[request["name"]] = prepare(request)
    work = prepared[request["name"]]
    started = time.perf_counter()
    work[request["what"]]()
    seconds = time.perf_counter() - started
    return 1000 * seconds if request["what"] == "step" else work["batch"] / seconds


print(
    f"transformers {transformers.__version__}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
    flush=True,
)
for line in sys.stdin:
    print(measure(json.loads(line)), flush=True)
