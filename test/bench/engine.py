"""The rival of test/bench/engine.ts: the same products and the same small addition in PyTorch. One name a line in, one number out."""
import sys, time
import torch

SECONDS = 0.4
products = {
    "matmul 256": (1, 256, 256, 256),
    "matmul 512": (1, 512, 512, 512),
    "matmul 1024": (1, 1024, 1024, 1024),
    "scores 192 x 96 x 32": (192, 96, 32, 96),
    "values 192 x 96 x 96": (192, 96, 96, 32),
}


def time_each(call):
    def run(count):
        started = time.perf_counter()
        for _ in range(count):
            call()
        return time.perf_counter() - started

    once = run(3) / 3
    count = max(3, round(SECONDS / once))
    return run(count) / count


def measure(name):
    if name == "one small addition":
        x = torch.ones(16)
        return time_each(lambda: x + x) * 1e6
    batch, m, k, n = products[name]
    a, b = torch.randn(batch, m, k), torch.randn(batch, k, n)
    return 2 * batch * m * k * n / time_each(lambda: a @ b) / 1e9


print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
with torch.no_grad():
    for line in sys.stdin:
        print(measure(line.strip()), flush=True)
