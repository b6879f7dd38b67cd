"""The rival of test/bench/nearest.ts: faiss-cpu's flat inner-product index of as many random unit vectors. Seconds for the ten nearest of N queries."""
import os, sys, time
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
    asked = queries[: int(line.split()[0])]
    started = time.perf_counter()
    index.search(asked, 10)
    print(time.perf_counter() - started, flush=True)
