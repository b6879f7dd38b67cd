"""The rival of test/bench/maps.ts: umap-learn at its defaults on the same embeddings. Takes `in.f32 count width epochs out.f32`, answers seconds."""
import sys, time
import numba, numpy as np, umap

print(f"umap-learn {umap.__version__}, numba {numba.__version__}, {numba.config.NUMBA_NUM_THREADS} threads", flush=True)
for line in sys.stdin:
    source, count, width, epochs, target = line.split()
    points = np.fromfile(source, dtype="float32").reshape(int(count), int(width))
    started = time.perf_counter()
    # Without a fixed seed it uses all threads: its quickest way.
    drawn = umap.UMAP(metric="cosine", n_epochs=int(epochs) or None).fit_transform(points)
    seconds = time.perf_counter() - started
    drawn.astype("float32").tofile(target)
    print(seconds, flush=True)
