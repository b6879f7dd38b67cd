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
    if not loaded:
        model = load(request["folder"])
        side, image = request["side"], model.config.image_token_id
        visual = (side // 16 // model.config.scale_factor) ** 2
        ids = torch.tensor([[image] * visual + [100 + at for at in range(request["tokens"])]])
        loaded.update(model=model, inputs=dict(input_ids=ids, pixel_values=torch.randn(1, 1, 3, side, side)))
    started = time.perf_counter()
    with torch.no_grad():
        loaded["model"](**loaded["inputs"], use_cache=False).last_hidden_state.numpy()
    return 1000 * (time.perf_counter() - started)


def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) * 1024


def peak(request):
    """In a process of its own, since a process's peak never goes down."""
    done = subprocess.run([sys.executable, __file__, request["folder"]], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


if len(sys.argv) > 1:
    before = status("VmRSS")
    load(sys.argv[1])
    print((status("VmHWM") - before) / 1e6)
    sys.exit()

print(f"transformers {transformers.__version__}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    print({"load": load_time, "states": states_time, "peak": peak}[request["what"]](request), flush=True)
