"""Write vectors of a sentence-transformers model to a file that moon-lab reads, so that they can be compared with those of a run.

    pip install sentence-transformers
    python embed_with_sentence_transformers.py MODEL products.jsonl shop.npy [queries.jsonl]

MODEL is a name on Hugging Face or a folder. Each line of a table is an object with `id` and `title`, or `text`. It writes shop.npy [rows, width] with
shop.ids.json, and for queries shop.queries.npy with shop.queries.ids.json.
"""

import json
import sys
from pathlib import Path

import numpy
from sentence_transformers import SentenceTransformer


def embed(model, table, out):
    rows = [json.loads(line) for line in Path(table).read_text(encoding="utf-8").split("\n") if line.strip()]
    texts = [row.get("text") or row["title"] for row in rows]
    numpy.save(out, model.encode(texts, normalize_embeddings=True).astype("float32"))
    out.with_suffix(".ids.json").write_text(json.dumps([str(row["id"]) for row in rows]))
    print(f"{len(rows)} rows of {table}: {out}")


if len(sys.argv) not in (4, 5) or not sys.argv[3].endswith(".npy"):
    sys.exit("Usage: python embed_with_sentence_transformers.py MODEL products.jsonl OUT.npy [queries.jsonl]")
model, out = SentenceTransformer(sys.argv[1]), Path(sys.argv[3])
embed(model, sys.argv[2], out)
if len(sys.argv) == 5:
    embed(model, sys.argv[4], out.with_suffix(".queries.npy"))
