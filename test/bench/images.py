"""The rival of images.ts: Pillow in one process a core, decoding a folder of photos to 128 x 128 RGB.

A line in is {"folder": ..., "count": ..., "draft": ...}; a line out is images a second. `draft` lets the JPEG decoder shrink
by a power of two while it decodes, as libvips does by itself; most Python code does not ask for it.
"""

import json
import os
import sys
import time
from multiprocessing import Pool
from pathlib import Path

import PIL
from PIL import Image, ImageOps


def decode(task):
    path, draft = task
    image = Image.open(path)
    if draft:
        image.draft("RGB", (128, 128))
    return len(ImageOps.exif_transpose(image).convert("RGB").resize((128, 128), Image.LANCZOS).tobytes())


if __name__ == "__main__":
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"Pillow {PIL.__version__}, {cores} processes", flush=True)
    with Pool(cores) as pool:
        for line in sys.stdin:
            request = json.loads(line)
            paths = sorted(str(path) for path in Path(request["folder"]).rglob("*.jpg"))[: request["count"]]
            start = time.perf_counter()
            pool.map(decode, [(path, request["draft"]) for path in paths], chunksize=8)
            print(len(paths) / (time.perf_counter() - start), flush=True)
