"""The rival of test/bench/pretrained.ts: the same folder in transformers on PyTorch. One JSON request a line in, one number out."""
import json, os, subprocess, sys, time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import transformers
from transformers import AutoModel

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
loaded = {}


def load(folder):
    model, info = AutoModel.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert not info["missing_keys"], info["missing_keys"]
    return model.eval()


def load_time(request):
    started = time.perf_counter()
    load(request["folder"])
    return time.perf_counter() - started


def states_time(request):
    if "model" not in loaded:
        loaded.clear()
        model = load(request["folder"])
        side, image = request["side"], model.config.image_token_id
        visual = (side // 16 // model.config.scale_factor) ** 2
        ids = torch.tensor([[image] * visual + [100 + at for at in range(request["tokens"])]])
        loaded.update(model=model, inputs=dict(input_ids=ids, pixel_values=torch.randn(1, 1, 3, side, side)))
    started = time.perf_counter()
    with torch.no_grad():
        loaded["model"](**loaded["inputs"], use_cache=False).last_hidden_state.numpy()
    return 1000 * (time.perf_counter() - started)


class Tuned:
    """Contrastive LoRA steps as peft users write them."""

    def __init__(self, folder, pairs, query, item, side):
        from peft import LoraConfig, get_peft_model

        model = AutoModel.from_pretrained(folder, dtype=torch.float32)
        targets = ["q_proj", "k_proj", "v_proj", "o_proj"]
        self.model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=targets)).train()
        self.trained = [each for each in self.model.parameters() if each.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, lr=1e-3)
        ids = lambda count: torch.randint(100, 40000, (pairs, count))
        self.pairs, self.items = pairs, dict(input_ids=ids(item))
        if side:
            config = model.config
            visual = (side // 16 // config.scale_factor) ** 2
            shown = torch.cat([ids(2), torch.full((pairs, visual), config.image_token_id), ids(1)], 1)
            self.queries = dict(input_ids=shown, pixel_values=torch.rand(pairs, 1, 3, side, side))
        else:
            self.queries = dict(input_ids=ids(query))

    def vectors(self, inputs):
        hidden = self.model(**inputs, use_cache=False).last_hidden_state
        return torch.nn.functional.normalize(hidden.mean(1), dim=-1)

    def step(self):
        started = time.perf_counter()
        scores = self.vectors(self.queries) @ self.vectors(self.items).T / 0.07
        torch.nn.functional.cross_entropy(scores, torch.arange(self.pairs)).backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return 1000 * (time.perf_counter() - started)

    def embed(self):
        started = time.perf_counter()
        with torch.no_grad():
            self.vectors(self.items)
        return self.pairs / (time.perf_counter() - started)


def tuned(request):
    key = request["folder"]
    if key not in loaded:
        loaded.clear()
        loaded[key] = Tuned(*sized(request))
    return loaded[key]


def sized(request):
    return [request[name] for name in ("folder", "pairs", "query", "item", "side")]


def tuned_peak(request):
    done = subprocess.run(
        [sys.executable, __file__, *map(str, sized(request))], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) * 1024


def peak(request):
    """In a process of its own, since a process's peak never goes down."""
    done = subprocess.run([sys.executable, __file__, request["folder"]], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


if len(sys.argv) > 2:
    network = Tuned(sys.argv[1], *map(int, sys.argv[2:]))
    for _ in range(2):
        network.step()
    print(status("VmHWM") / 1e6)
    sys.exit()
if len(sys.argv) > 1:
    before = status("VmRSS")
    load(sys.argv[1])
    print((status("VmHWM") - before) / 1e6)
    sys.exit()

print(f"transformers {transformers.__version__}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    measured = {
        "load": load_time,
        "states": states_time,
        "peak": peak,
        "tuned peak": tuned_peak,
        "tuned step": lambda request: tuned(request).step(),
        "tuned embedding": lambda request: tuned(request).embed(),
    }
    print(measured[request["what"]](request), flush=True)
