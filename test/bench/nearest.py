"""The rival of test/bench/nearest.ts: faiss-cpu's flat inner-product index of as many random unit vectors. Seconds for the ten nearest of N queries."""
import os, sys, time

# Threads that wait for work by spinning would take the other side's turn.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import faiss
import numpy as np

rng = np.random.default_rng(1)
index = faiss.IndexFlatIP(128)
for start in range(0, int(os.environ["ITEMS"]), 100_000):
    items = rng.standard_normal((min(100_000, int(os.environ["ITEMS"]) - start), 128)).astype("float32")
    faiss.normalize_L2(items)
    index.add(items)
queries = rng.standard_normal((1000, 128)).astype("float32")
faiss.normalize_L2(queries)

print(f"faiss {faiss.__version__}, {faiss.omp_get_max_threads()} threads", flush=True)
for line in sys.stdin:
    # "100 queries", or "1 query, 10 times": one call after another.
    count, _, *times = line.split()
    asked = queries[: int(count)]
    started = time.perf_counter()
    for _ in range(int(times[0]) if times else 1):
        index.search(asked, 10)
    print(time.perf_counter() - started, flush=True)
