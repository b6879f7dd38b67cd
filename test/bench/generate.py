"""The rival of test/bench/generate.ts: the same weights in transformers on PyTorch. One JSON request a line in, milliseconds out."""
import json
import os
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import transformers
from transformers import Qwen2_5_VLForConditionalGeneration

loaded = {}


def measure(folder, ids, batch, written):
    if folder not in loaded:
        loaded[folder] = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    model = loaded[folder]
    prompts = torch.tensor([ids] * batch)
    started = time.perf_counter()
    with torch.inference_mode():
        out = model.generate(
            input_ids=prompts,
            attention_mask=torch.ones_like(prompts),
            do_sample=True,
            top_k=0,
            top_p=1.0,
            temperature=1.0,
            min_new_tokens=written,
            max_new_tokens=written,
        )
    assert out.shape == (batch, len(ids) + written)
    return 1000 * (time.perf_counter() - started)


print(
    f"transformers {transformers.__version__}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
    flush=True,
)
for line in sys.stdin:
    print(measure(**json.loads(line)), flush=True)
