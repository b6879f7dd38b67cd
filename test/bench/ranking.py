"""The rival of test/bench/ranking.ts: faiss-cpu's flat inner-product index on random unit vectors of the same sizes. Seconds for the ten nearest."""
import sys, time
import faiss
import numpy as np

rng = np.random.default_rng(1)
items = rng.standard_normal((100_000, 128)).astype("float32")
queries = rng.standard_normal((10_000, 128)).astype("float32")
faiss.normalize_L2(items)
faiss.normalize_L2(queries)

print(f"faiss {faiss.__version__}, {faiss.omp_get_max_threads()} threads", flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    index = faiss.IndexFlatIP(128)
    index.add(items)
    index.search(queries, 10)
    print(time.perf_counter() - started, flush=True)
